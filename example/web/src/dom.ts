/** The element of this id, which must be of this class. */
export function element<T extends Element>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`there must be a ${type.name} with the id ${id}`);
  return found;
}

export const button = (id: string): HTMLButtonElement => element(id, HTMLButtonElement);
export const input = (id: string): HTMLInputElement => element(id, HTMLInputElement);
export const select = (id: string): HTMLSelectElement => element(id, HTMLSelectElement);

/** A new HTML element with a class, and text or children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...content: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** Sets the text, and leaves the page alone where it is the same. */
export function say(id: string, text: string): void {
  const target = element(id, Element);
  if (target.textContent !== text) target.textContent = text;
}

/** Tells what has happened to those who do not see it. */
export function announce(text: string): void {
  say("announcer", text);
}
