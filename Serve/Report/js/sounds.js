// SPDX-License-Identifier: Apache-2.0
// The sounds of the first clips are in the page; those of others lie beside it, as scripts, which are what a page that is opened
// from the disk may load.

import { fromBase64 } from "sotto/tokens.js";

const waiting = new Map();

/** What such a script calls. */
globalThis.sottoSound = (clip, system, flac) => waiting.get(`${clip}/${system}`)?.(flac);

function loaded(clip, system) {
  return new Promise((resolve, reject) => {
    waiting.set(`${clip}/${system}`, resolve);
    const script = document.createElement("script");
    script.src = `sounds/${encodeURIComponent(system)}/${encodeURIComponent(clip)}.js`;
    script.onload = () => script.remove();
    script.onerror = () => reject(new Error("The sounds of this clip aren't here. They are in the folder sounds, which belongs beside this page."));
    document.head.append(script);
  });
}

/** @returns {samples, sampleRate} */
export async function soundOf({ sounds }, clip, system) {
  const flac = sounds[clip]?.[system] ?? await loaded(clip, system);
  const audio = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(fromBase64(flac));
  return { samples: audio.getChannelData(0), sampleRate: audio.sampleRate };
}
