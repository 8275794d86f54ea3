// What is wrong with a player at some beats, and at each bet and verdict; evaluated inside a page.
function measured(player, beats) {
  const { root } = player;
  const found = [];
  const part = (name) => root.querySelector(name);
  const box = (element) => element.getBoundingClientRect();
  let step = "";
  const look = (where) => {
    const frame = box(root);
    for (const name of [".mf-head", ".mf-stage", ".mf-slot", ".mf-controls"]) {
      const { top, bottom, left, right } = box(part(name));
      const within = top >= frame.top && bottom <= frame.bottom && left >= frame.left && right <= frame.right;
      if (!within || bottom <= top) found.push(`${where}: ${name} is not inside the player`);
    }
    if (frame.height > innerHeight) found.push(`${where}: the player is higher than the window`);
    const over = part(".mf-slot").scrollHeight - part(".mf-slot").clientHeight;
    if (over > (innerWidth < 900 ? 100 : 0)) found.push(`${where}: ${over} px of the words are cut off`);
    const { x, y, width, height } = box(part(".mf-step"));
    const here = [x, y, width, height].map(Math.round).join(" ");
    step ||= here;
    if (step !== here) found.push(`${where}: the step button is at ${here} and was at ${step}`);
    for (const button of root.querySelectorAll("button, select")) {
      const { width: wide, height: high } = box(button);
      if (wide && (wide < 24 || high < 24)) found.push(`${where}: ${button.textContent} is ${wide} by ${high}`);
    }
    found.push(...smallType(where));
  };
  const smallType = (where) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const small = new Set();
    while (texts.nextNode()) {
      const { parentElement: holder } = texts.currentNode;
      const { width } = box(holder);
      // A map scales; that its type is large enough where it has most to show is held by the tests of its layout.
      if (holder instanceof SVGElement && root.querySelector("[data-view=Map][aria-pressed=true]")) continue;
      if (!texts.currentNode.data.trim() || !width || holder.closest("option, .mf-hidden")) continue;
      const scale = holder instanceof SVGElement ? (holder.getScreenCTM()?.a ?? 1) : 1;
      const size = Number.parseFloat(getComputedStyle(holder).fontSize) * scale;
      if (size < 10.95) small.add(`${where}: “${texts.currentNode.data.slice(0, 30)}” is ${size.toFixed(1)} px`);
    }
    return small;
  };
  player.questions.silenced = true;
  const lengths = player.levels.stops.map((at) => [player.levels.words(at).length, at]);
  const [, fullest] = lengths.reduce((most, item) => (item[0] > most[0] ? item : most));
  for (const at of [...beats, fullest]) {
    player.go(at);
    look(`step ${at + 1}`);
  }
  player.questions.silenced = false;
  for (const question of player.questions.all) {
    const ask = () => {
      player.go(question.at - 1);
      player.questions.pose(question);
    };
    ask();
    look(`bet ${question.id}`);
    question.options.forEach((_, index) => {
      ask();
      player.questions.answer(index);
      look(`answer ${index} to ${question.id}`);
    });
    player.answers = {};
  }
  return found;
}
