// SPDX-License-Identifier: Apache-2.0
// Bytes as text that survives a mail or a chat, and back.

export function toBase64(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** White space, line breaks and quotation marks that a mail adds are passed over. */
export function fromBase64(text) {
  const letters = text.replace(/[\s>"'`]/g, "").replace(/-/g, "+").replace(/_/g, "/");
  let bytes;
  try {
    bytes = atob(letters);
  } catch {
    throw new Error("this is not tokens as text: it should be letters, digits, + and / alone");
  }
  if (!bytes) throw new Error("there is nothing to open; paste the text first");
  return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)).buffer;
}
