// SPDX-License-Identifier: Apache-2.0
// Blind comparison: X is A or B, and who can't hear which is right half of the time.

import { byId, choice, make, say } from "./dom.js";

/** How likely it is to be right so often or oftener by guessing. */
export function chance(right, tries) {
  let ways = 1, sum = 0;             // ways to be right k times, over 2^tries
  for (let k = 0; k <= tries; k++) {
    if (k >= right) sum += ways;
    ways = ways * (tries - k) / (k + 1);
  }
  return sum / 2 ** tries;
}

export class Blind {
  #right = 0;
  #tries = 0;
  #x = "a";

  /** @param hear called with a version's id, which is then heard and shown nowhere */
  constructor(hear) {
    this.hear = hear;
    byId("abx-is-a").onclick = () => this.#answer("a");
    byId("abx-is-b").onclick = () => this.#answer("b");
    byId("abx-again").onclick = () => this.begin();
    for (const id of ["abx-a", "abx-b"]) byId(id).onchange = () => this.begin();
  }

  /** @param versions [{id, label}] */
  offer(versions) {
    const before = ["abx-a", "abx-b"].map((id) => byId(id).value);
    const chosen = before.every((id) => versions.some((version) => version.id === id)) ? before : [versions[0]?.id, versions.at(-1)?.id];
    ["abx-a", "abx-b"].forEach((id, i) => {
      byId(id).replaceChildren(...versions.map((version) => make("option", { value: version.id }, version.label)));
      byId(id).value = chosen[i] ?? "";
    });
    if (chosen.some((id, i) => id !== before[i])) this.begin();
  }

  begin() {
    [this.#right, this.#tries] = [0, 0];
    this.#draw();
    this.#show();
    const isSame = byId("abx-a").value === byId("abx-b").value;
    for (const id of ["abx-is-a", "abx-is-b"]) byId(id).disabled = isSame;
    if (isSame) say(byId("abx-tally"), "Choose two that differ.");
  }

  /** Shows that none of the three is heard. */
  silence() { if (this.heard) this.heard.value = null; }

  #draw() {
    this.#x = crypto.getRandomValues(new Uint8Array(1))[0] & 1 ? "a" : "b";
    const names = { a: "Play A", b: "Play B", x: "Play X" };
    this.heard = choice(byId("abx-heard"), Object.entries(names).map(([id, label]) => ({ id, label })), null, (id) => {
      this.hear(byId(`abx-${id === "x" ? this.#x : id}`).value);
    });
  }

  #answer(letter) {
    this.#tries++;
    const isRight = letter === this.#x;
    if (isRight) this.#right++;
    this.#draw();
    this.#show(isRight ? "Right. " : "Wrong. ");
  }

  #show(verdict = "") {
    const p = chance(this.#right, this.#tries);
    const told = p < 0.001 ? "less than 0.001" : p.toFixed(3);
    say(byId("abx-tally"), this.#tries === 0 ? "No answers yet." : `${verdict}${this.#right} of ${this.#tries}. Guessing does as well or better with a probability of ${told}.`);
  }
}
