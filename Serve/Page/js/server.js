// SPDX-License-Identifier: Apache-2.0
// What the server does with whole recordings. See Docs/page.md.

async function ask(path, query = {}, body = undefined) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const address = `${path}?${new URLSearchParams(given)}`;
  let answer;
  try {
    answer = await fetch(address, body === undefined ? {} : { method: "POST", body });
  } catch {
    throw new Error("the server doesn't answer; is sotto serve still running?");
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.error ?? `the server answers ${answer.status}`);
  }
  return answer;
}

export const info = async () => (await ask("/api/info")).json();

/** A recording of any format that `sotto encode` reads → a WAV of it, and what was odd about it. */
export async function read(file, name) {
  const answer = await ask("/api/read", { name }, file);
  const notes = answer.headers.get("Sotto-Notes");
  return { wav: await answer.arrayBuffer(), notes: notes ? JSON.parse(decodeURIComponent(notes)) : [] };
}

/**
 * A recording → a token file.
 *
 * @param settings {model, codes, average}
 */
export async function encode(recording, name, settings, transcript = "") {
  const text = new TextEncoder().encode(transcript);
  const answer = await ask("/api/encode", {
    name, model: settings.model, codes: settings.codes, average: settings.average ? 1 : undefined,
    text: text.length || undefined,
  }, new Blob([text, recording]));
  const match = answer.headers.get("Sotto-Transcript-Match");
  return { tokens: await answer.arrayBuffer(), match: match === null ? null : Number(match) };
}

/** A token file → a WAV of it. */
export async function decode(tokens, { codes, usesText = true } = {}) {
  const answer = await ask("/api/decode", { codes, text: usesText ? undefined : 0 }, new Blob([tokens]));
  return answer.arrayBuffer();
}

/** What a token file holds, in JSON. */
export const inspect = async (tokens) => (await ask("/api/inspect", {}, new Blob([tokens]))).json();
