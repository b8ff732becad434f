// SPDX-License-Identifier: Apache-2.0
// The microphone's samples in blocks of 10 ms, each with the number of its first sample on the audio clock.

registerProcessor("capture", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate / 100);
    this.begin(0);
  }

  begin(frame) {
    this.block = new Float32Array(this.size);
    this.count = 0;
    this.frame = frame;
  }

  process([[samples]]) {
    if (!samples) return true;
    for (let i = 0; i < samples.length; i++) {
      if (this.count === 0) this.frame = currentFrame + i;
      this.block[this.count++] = samples[i];
      if (this.count === this.size) {
        this.port.postMessage({ frame: this.frame, samples: this.block }, [this.block.buffer]);
        this.begin(0);
      }
    }
    return true;
  }
});
