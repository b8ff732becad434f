// SPDX-License-Identifier: Apache-2.0
// Plays samples as they come, at the audio clock's own rate, behind a buffer that is as short as their coming allows.
//
// In:  {rate, frameSeconds, extra}: what comes next, and for how long more than usual it may have to be waited for
//      {stream, position, samples}: samples of a stream from its sample `position` on, at `rate`
//      {mute}
// Out: {frame, stream, position, samples, waits}: what was played in each 10 ms, of which place in the stream (none while it is
//      waited for), and how often it had to be waited for so far

const reach = 8;                    // samples to either side that one between them is made of
const fractions = 64;
const leastCushion = 0.025, mostCushion = 0.2;
const calm = 2;                     // seconds of too full a buffer after which it is shortened
const fade = 0.005;

/** Windowed sinc for places between two samples: reach * 2 weights for each of the fractions. */
const weights = Array.from({ length: fractions + 1 }, (_, f) => Float32Array.from({ length: 2 * reach }, (_, i) => {
  const x = i - reach + 1 - f / fractions;
  const window = Math.abs(x) < reach ? 0.5 + 0.5 * Math.cos(Math.PI * x / reach) : 0;
  return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
}));

registerProcessor("player", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.rate = 16000;
    this.frameSeconds = 0.08;
    this.extra = 0;
    this.cushion = leastCushion;
    this.muted = false;
    this.queue = [];                // {stream, position, samples}
    this.buffer = new Float32Array(reach);   // samples from `base` on, those before `at` being history
    this.at = reach;                // the next sample, with its fraction
    this.places = [];               // {index, stream, position}: where in the buffer a stream's sample lies
    this.startsAt = Infinity;
    this.plays = false;
    this.gain = 0;
    this.lowest = Infinity;
    this.lowestSince = 0;
    this.waits = 0;
    this.blockSize = Math.round(sampleRate / 100);
    this.block = new Float32Array(this.blockSize);
    this.count = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.mute !== undefined) this.muted = message.mute;
    if (message.rate) {
      this.rate = message.rate;
      this.frameSeconds = message.frameSeconds;
      this.extra = message.extra;
      this.lowestSince = currentTime;
      this.lowest = Infinity;
    }
    if (message.samples) this.append(message);
  }

  get waiting() { return (this.buffer.length - this.at) / this.rate; }
  get wanted() { return this.cushion + this.extra; }

  append({ stream, position, samples }) {
    if (this.plays) this.lowest = Math.min(this.lowest, this.waiting);
    const done = Math.max(0, Math.floor(this.at) - reach);
    const longer = new Float32Array(this.buffer.length - done + samples.length);
    longer.set(this.buffer.subarray(done));
    longer.set(samples, this.buffer.length - done);
    this.at -= done;
    for (const place of this.places) place.index -= done;
    while (this.places.length > 1 && this.places[1].index <= this.at) this.places.shift();
    this.places.push({ index: this.buffer.length - done, stream, position });
    this.buffer = longer;
    if (!this.plays && this.startsAt === Infinity) {
      // The next piece comes a whole frame later, and as much as is wanted should be left then.
      this.startsAt = currentTime + Math.max(0, this.wanted + this.frameSeconds - this.waiting);
    }
    if (currentTime - this.lowestSince > calm) {
      if (this.lowest < Infinity && this.lowest > this.wanted + 0.02) this.skip(this.lowest - this.wanted);
      this.lowest = Infinity;
      this.lowestSince = currentTime;
    }
  }

  /** Leaves so many seconds out, in a crossfade. */
  skip(seconds) {
    const count = Math.round(seconds * this.rate), length = Math.round(0.01 * this.rate);
    const from = Math.ceil(this.at);
    if (from + count + length + reach > this.buffer.length) return;
    for (let i = 0; i < length; i++) {
      const share = i / length;
      this.buffer[from + count + i] = (1 - share) * this.buffer[from + i] + share * this.buffer[from + count + i];
    }
    this.buffer.copyWithin(from - reach + count, from - reach, from);
    this.at += count;
  }

  process(_, [outputs]) {
    const output = outputs[0], step = this.rate / sampleRate;
    if (!this.plays && currentTime >= this.startsAt) {
      this.plays = true;
      this.startsAt = Infinity;
    }
    // What is there in this block's time; if it ends within, it fades.
    const isEnding = this.plays && this.at + output.length * step + reach >= this.buffer.length;
    const rising = 1 / (fade * sampleRate);
    const falling = 1 / Math.max(1, Math.floor((this.buffer.length - reach - this.at) / step));
    for (let i = 0; i < output.length; i++) {
      const at = this.at;
      let sample = 0;
      if (this.plays && this.at + reach < this.buffer.length) {
        const whole = Math.floor(this.at), w = weights[Math.round((this.at - whole) * fractions)];
        for (let k = 0; k < 2 * reach; k++) sample += w[k] * this.buffer[whole - reach + 1 + k];
        this.gain = isEnding ? Math.max(0, this.gain - falling) : Math.min(1, this.gain + rising);
        sample *= this.gain;
        this.at += step;
      }
      output[i] = this.muted ? 0 : sample;
      this.keep(sample, i, at);
    }
    for (let channel = 1; channel < outputs.length; channel++) outputs[channel].set(output);
    if (isEnding) {
      this.plays = false;
      this.gain = 0;
      this.waits++;
      this.cushion = Math.min(mostCushion, this.cushion + 0.01);
      // The rest comes out with what follows it.
      this.startsAt = Infinity;
    }
    return true;
  }

  /** Hands over what was played, in blocks: a sample, its number in this call, and where in the buffer it is from. */
  keep(sample, i, at) {
    if (this.count === 0) {
      this.blockFrame = currentFrame + i;
      this.blockPlace = this.place(at);
    }
    this.block[this.count++] = sample;
    if (this.count < this.blockSize) return;
    this.port.postMessage({ frame: this.blockFrame, ...this.blockPlace, samples: this.block, waits: this.waits }, [this.block.buffer]);
    this.block = new Float32Array(this.blockSize);
    this.count = 0;
  }

  /** Which sample of which stream is played from there; no sample while it is waited for. */
  place(at) {
    let found = this.places[0];
    for (const place of this.places) if (place.index <= at) found = place;
    return found && { stream: found.stream, position: this.plays ? found.position + at - found.index : undefined };
  }
});
