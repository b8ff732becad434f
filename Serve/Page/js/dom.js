// SPDX-License-Identifier: Apache-2.0
// Small things that every part of the page needs.

export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Says something in a status line; `isWrong` in the colour of trouble. */
export function say(element, text, isWrong = false) {
  element.textContent = text;
  element.classList.toggle("wrong", isWrong);
}

export function download(bytes, name, type) {
  const link = make("a", { href: URL.createObjectURL(new Blob([bytes], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** 64.2 → "1:04.2" */
export function clock(seconds) {
  const tenths = Math.max(0, Math.floor(seconds * 10));
  const rest = `${Math.floor((tenths % 600) / 10)}`.padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${rest}.${tenths % 10}`;
}

/**
 * One among several, as buttons of a radio group: arrow keys go through them.
 *
 * @param choices [{id, label, key?}]
 * @returns an object with `value`, to be read and set, and `disable(ids)`.
 */
export function choice(group, choices, chosen, change) {
  let value = chosen;
  const buttons = new Map();
  const show = () => {
    for (const [id, button] of buttons) {
      button.setAttribute("aria-checked", String(id === value));
      // While none is chosen, each can be reached.
      button.tabIndex = id === value || !buttons.has(value) ? 0 : -1;
    }
  };
  const choose = (id) => {
    if (id === value || buttons.get(id)?.disabled) return;
    value = id;
    show();
    change?.(id);
  };
  group.replaceChildren(...choices.map(({ id, label, key }) => {
    const button = make("button", { type: "button", role: "radio", onclick: () => choose(id) }, label);
    if (key) button.append(make("kbd", { ariaHidden: "true" }, key));
    button.setAttribute("role", "radio");
    buttons.set(id, button);
    return button;
  }));
  group.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const free = choices.map((c) => c.id).filter((id) => !buttons.get(id).disabled);
    choose(free[(free.indexOf(value) + step + free.length) % free.length]);
    buttons.get(value)?.focus();
  };
  show();
  return {
    get value() { return value; },
    set value(id) { value = id; show(); },
    choose,
    disable(ids) { for (const [id, button] of buttons) button.disabled = ids.includes(id); },
  };
}
