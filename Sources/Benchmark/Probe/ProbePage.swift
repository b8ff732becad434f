// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// The table of what small models make of the tokens.
    static let probe = #"""
        if (report.probe) {
          const found = report.probe;
          const percent = figure => figure && {mean: 100 * figure.mean, low: 100 * figure.low, high: 100 * figure.high};
          add(`<h2>What the tokens are worth to a model</h2><p class=note>Linear probes tell ${found.sound}, speaker and
            pitch from the vectors that the codes of a frame stand for and those within 160 ms; a small language model, a
            mixture of n-grams, predicts the codes. All are tested on clips that they haven't learnt; ${found.sound} and
            pitch on other speakers. Latents that aren't quantised are the upper line, shuffled labels the lower one.
            Clips: ${found.clips}, speakers: ${found.speakers}; intervals over clips.</p>`);
          table(["system", "frames/s", `${found.sound} right, % ↑`, "speaker right, % ↑", "pitch error, cents ↓",
            "bits a frame, by the model ↓", "as written"], found.rows.map(r => [escape(r.system), number(r.frameRate, 2),
            interval(percent(r.sounds), 1), interval(percent(r.speaker), 1), interval(r.pitchCents, 0),
            interval(r.modelBits, 2), interval(r.writtenBits, 1)]));
        }
        """#
}
