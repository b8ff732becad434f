// SPDX-License-Identifier: Apache-2.0

/// What draws the page in a browser, from the constants `report` and `audio`.
extension Page {
    /// Numbers, tables and plots.
    static let tools = #"""
        const page = document.getElementById("page"), systems = report.systems;
        const escape = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
        const add = html => page.insertAdjacentHTML("beforeend", html);
        const number = (value, digits) => {
          if (value == null) return "–";
          const text = value.toFixed(digits);
          return Number(text) === 0 ? text.replace("-", "") : text;
        };
        const colour = index => `hsl(${index * 137 % 360} 65% 50%)`;
        const table = (heads, rows) => add(`<div class=wide><table>
          <tr>${heads.map(h => `<th>${h}</th>`).join("")}</tr>
          ${rows.map(r => `<tr>${r.map(c => `<td>${c}</td>`).join("")}</tr>`).join("")}</table></div>`);

        // Systems with tokens are discs, others squares: colours alone would not do for everyone.
        const mark = (index, x, y, size, title) => (systems[index].tokens
          ? `<circle cx="${x}" cy="${y}" r="${size}"` : `<rect x="${x - size}" y="${y - size}"
            width="${2 * size}" height="${2 * size}"`)
          + ` fill="${colour(index)}" opacity=".85"><title>${escape(title)}</title></${systems[index].tokens
            ? "circle" : "rect"}>`;
        const legend = () => add(`<p class=legend>${systems.map((s, i) =>
          `<span><svg viewBox="0 0 12 12">${mark(i, 6, 6, 5, s.name)}</svg>${escape(s.name)}</span> `).join("")}</p>`);

        // Round numbers from low to high; on a logarithmic axis 1, 2 and 5 of every power of ten, if there are two.
        const ticks = (low, high, isLog) => {
          if (isLog) {
            const powers = [];
            for (let p = Math.floor(Math.log10(low)); p <= Math.log10(high); p++) powers.push(p);
            const found = powers.flatMap(p => [1, 2, 5].map(m => m * 10 ** p)).filter(v => v >= low && v <= high);
            if (found.length > 1) return found;
          }
          const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
          const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw);
          const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
          return [...Array(count).keys()].map(i => (Math.ceil(low / step) + i) * step);
        };
        const short = value => value >= 1000 ? value / 1000 + "k" : String(Number(value.toPrecision(3)));

        // points: {x, y, system, title, label}; labelled ones of a system with tokens are joined by a line.
        const plot = (points, xTitle, yTitle, isLog) => {
          if (!points.length) return "";
          const [left, right, top, bottom] = [44, 352, 26, 210];
          const range = (values, isLog) => {
            let [a, b] = [Math.min(...values), Math.max(...values)];
            if (isLog) return [a / 1.25, b * 1.25];
            const margin = (b - a || Math.abs(a) || 1) * .06;
            return [a - margin, b + margin];
          };
          const [a, b] = range(points.map(p => p.x), isLog), [c, d] = range(points.map(p => p.y), false);
          const across = isLog ? v => Math.log(v / a) / Math.log(b / a) : v => (v - a) / (b - a);
          const x = v => left + across(v) * (right - left), y = v => bottom - (v - c) / (d - c) * (bottom - top);
          const grid = ticks(c, d, false).map(v => `<line x1="${left}" x2="${right}" y1="${y(v)}" y2="${y(v)}"/>
            <text class=tick x="${left - 4}" y="${y(v) + 3}" text-anchor=end>${short(v)}</text>`).join("")
            + ticks(a, b, isLog).map(v => `<line x1="${x(v)}" x2="${x(v)}" y1="${top}" y2="${bottom}"/>
            <text class=tick x="${x(v)}" y="${bottom + 13}" text-anchor=middle>${short(v)}</text>`).join("");
          const line = points.filter(p => p.label && systems[p.system].tokens).map(p => `${x(p.x)},${y(p.y)}`);
          const taken = points.map(p => [x(p.x) - 6, y(p.y) - 6, x(p.x) + 6, y(p.y) + 6]);
          // A label goes where it covers nothing; where there is no such place, the legend has to do.
          const label = p => {
            const width = p.label.length * 5.9;
            for (const [dx, dy, anchor] of [[8, -5, "start"], [8, 13, "start"], [-8, -5, "end"], [-8, 13, "end"],
              [0, -9, "middle"], [0, 18, "middle"]]) {
              const from = x(p.x) + dx - (anchor === "end" ? width : anchor === "middle" ? width / 2 : 0);
              const box = [from, y(p.y) + dy - 9, from + width, y(p.y) + dy + 2];
              const isFree = taken.every(t => t[0] >= box[2] || t[2] <= box[0] || t[1] >= box[3] || t[3] <= box[1]);
              if (isFree && box[0] > left && box[2] < right + 6 && box[1] > top - 8 && box[3] < bottom) {
                taken.push(box);
                return `<text x="${x(p.x) + dx}" y="${y(p.y) + dy}" text-anchor=${anchor}>${escape(p.label)}</text>`;
              }
            }
            return "";
          };
          return `<figure><svg viewBox="0 0 360 246" role=img aria-label="${yTitle} over ${xTitle}">${grid}
            <polyline points="${line.join(" ")}" fill=none stroke="var(--soft)"/>
            ${points.map(p => mark(p.system, x(p.x), y(p.y), p.label ? 4.5 : 2.5, p.title)).join("")}
            ${points.filter(p => p.label).map(label).join("")}
            <text x="4" y="13">${yTitle}</text>
            <text x="${(left + right) / 2}" y="${bottom + 30}" text-anchor=middle>${xTitle}</text></svg></figure>`;
        };
        """#

    /// Tables and plots of figures.
    static let figures = #"""
        // Figure, heading, digits.
        const joined = (report.joined || []).map(name => [name, escape(name), 3]);
        const columns = [["payload_bit_s", "bit/s", 0], ["file_bit_s", "file bit/s", 0], ["text_bit_s", "text bit/s", 0],
          ["told_bit_s", "bit/s and text", 0],
          ["stoi", "STOI ↑", 3], ["estoi", "ESTOI ↑", 3], ["si_sdr_db", "SI-SDR dB ↑", 1],
          ["log_mel_l1", "log-mel L1 ↓", 3], ["lsd_db", "LSD dB ↓", 2], ["mcd_db", "MCD dB ↓", 2],
          ["f0_rmse_cents", "F0 cents ↓", 1], ["f0_gross_share", "F0 gross ↓", 3],
          ["voicing_error_share", "voicing ↓", 3], ["level_db", "level dB", 2], ...joined]
          .filter(([key]) => systems.some(s => s.figures[key]));
        const interval = (figure, digits) => figure ? number(figure.mean, digits)
          + `<small>${number(figure.low, digits)} … ${number(figure.high, digits)}</small>` : "–";
        const machine = report.machine;
        add(`<p class=note>Clips: ${report.clips.length}. CodecModel ${report.model}, ${number(report.modelBytes / 1e6, 1)} MB,
          delay ${number(report.algorithmicDelayMs, 0)} ms. ${escape(machine.processor)},
          ${escape(machine.instructions)} instructions, workers: ${machine.workers}. Means with bootstrap 95 % intervals;
          ↑ more is better, ↓ less is.</p>`);
        table(["system", ...columns.map(c => c[1]), "failed"], systems.map(s =>
          [escape(s.name), ...columns.map(([key, , digits]) => interval(s.figures[key], digits)), s.failures]));

        add("<h2>Rate and quality</h2>");
        legend();
        add("<div class=grid>" + columns.filter(([key]) => ["stoi", "estoi", "log_mel_l1", "mcd_db"].includes(key)
          || joined.some(j => j[0] === key)).map(([key, title, digits]) => plot(systems.flatMap((s, system) => {
            const [rate, figure] = [s.figures.told_bit_s || s.figures.payload_bit_s, s.figures[key]];
            return rate && figure ? [{x: rate.mean, y: figure.mean, system, label: s.name,
              title: `${s.name}: ${number(figure.mean, digits)} at ${number(rate.mean, 0)} bit/s`}] : [];
          }), "bit/s of the payload, and of the text if it is given", title, true)).join("") + "</div>");

        add("<h2>Clip by clip</h2><p class=note>Each mark is a clip by one system.</p>");
        legend();
        const scatter = (across, up) => {
          const [xTitle, yTitle] = [across, up].map(key => (columns.find(c => c[0] === key) || [])[1]);
          return plot(report.clips.flatMap(c => systems.flatMap((s, system) => {
            const figures = (c.systems[s.name] || {figures: {}}).figures, [x, y] = [figures[across], figures[up]];
            return x == null || y == null ? [] : [{x, y, system, title: `${c.clip.id}, ${s.name}`}];
          })), xTitle, yTitle, false);
        };
        add("<div class=grid>" + [["log_mel_l1", "stoi"], ["mcd_db", "estoi"], ["f0_rmse_cents", "voicing_error_share"]]
          .map(pair => scatter(...pair)).join("") + "</div>");

        const differing = systems.filter(s => Object.keys(s.differences).length);
        if (differing.length) {
          add(`<h2>Less ${escape(systems[0].name)}, clip by clip</h2>`);
          table(["system", ...columns.map(c => c[1])], differing.map(s =>
            [escape(s.name), ...columns.map(([key, , digits]) => interval(s.differences[key], digits))]));
        }
        if (report.robustness) {
          add(`<h2>The same codes of changed clips</h2><p class=note>Share of the frames with speech, in percent, whose codes are
            those of the clip itself: with one codebook, the first code of all, all of all.</p>`);
          table(["change", "one", "first", "all", "frames"], report.robustness.map(r => [escape(r.change),
            ...[r.sameWithOne, r.sameFirst, r.sameAll].map(share => number(100 * share, 1)), r.frames]));
        }
        for (const [key, title] of [["byPart", "part"], ["bySpeaker", "speaker"]]) {
          const groups = [...new Set(systems.flatMap(s => Object.keys(s[key])))].sort();
          if (groups.length < 2) continue;
          add(`<h2>STOI by ${title}</h2>`);
          table(["system", ...groups.map(escape)], systems.map(s =>
            [escape(s.name), ...groups.map(g => interval((s[key][g] || {}).stoi, 3))]));
        }

        add(`<h2>Cost</h2><p class=note>Seconds of work a second of speech, median over clips. Times of commands hold the
          start of their processes; memory is that of whole processes.</p>`);
        table(["system", "encode", "decode", "ms a frame, median", "99th percentile", "peak memory, MB"], systems.map(s =>
          [escape(s.name), number(s.medianEncodeRtf, 4), number(s.medianDecodeRtf, 4), number(s.frameMillisecondsP50, 2),
            number(s.frameMillisecondsP99, 2), number(s.peakMemory && s.peakMemory / 1e6, 1)]));
        """#

    /// How the codes of the system with most codebooks are used.
    static let tokens = #"""
        const drawTokens = system => {
          const t = system.tokens;
          add(`<h2>Tokens of ${escape(system.name)}</h2><p class=note>${t.frames} frames,
            ${number(t.tokensPerSecond, 1)} tokens/s, nominal ${number(t.nominalBitRate, 0)} bit/s. An ideal entropy coder
            would need ${number(t.idealBitRate, 0)} at order 0 and ${number(t.idealBitRate1, 0)} at order 1, where it would
            need ${number(t.shuffledIdealBitRate1, 0)} of shuffled codes: only the difference is a saving. Few frames make
            all three too low: trust them when frames are many times the codes.</p>`);
          table(["codebook", "used", "dead", "perplexity", "entropy 0", "entropy 1", "shuffled", "Zipf slope", "mean run",
            "longest", "next frame, bit", "next codebook, bit"], t.codebooks.map((b, i) => [i + 1,
            number(b.shareUsed * 100, 1) + " %", b.deadCodes, number(b.perplexity, 0), number(b.entropy0, 2),
            number(b.entropy1, 2), number(b.shuffledEntropy1, 2), number(b.zipfSlope, 2), number(b.meanRun, 2),
            b.longestRun, number(t.informationBetweenFrames[i], 2), number(t.informationBetweenCodebooks[i], 2)]));
          add("<h3>How often each code is used, most frequent first</h3><div class=grid>" + t.codebooks.map((b, i) => {
            const counts = [...b.counts].sort((x, y) => y - x), most = counts[0] || 1, width = 300 / counts.length;
            return `<figure><svg viewBox="0 0 300 80" role=img aria-label="histogram"><path fill="${colour(i)}" d="M0 80
              ${counts.map((n, j) => `L${(j * width).toFixed(1)} ${(80 - 78 * n / most).toFixed(1)}`).join("")}L300 80Z"/>
              <line x1=0 x2=300 y1=79.5 y2=79.5 /></svg>
              <figcaption>Codebook ${i + 1}: ${counts.length} codes, the first ${most} times</figcaption></figure>`;
          }).join("") + "</div>");
          const first = report.clips[0], codes = first && (first.systems[system.name] || {}).codes;
          if (!codes || !codes.length) return;
          const [width, height] = [codes.length, codes[0].length];
          add(`<h3>Token raster</h3><figure><svg viewBox="0 0 ${width * 4} ${height * 10}" style="min-height:5rem"
            preserveAspectRatio=none shape-rendering=crispEdges>${codes.flatMap((frame, x) => frame.map((code, y) =>
            `<rect x="${x * 4}" y="${y * 10}" width=4 height=10 fill="hsl(${code * 137.5 % 360} 60% ${35 + code % 40}%)"/>`
            )).join("")}</svg><figcaption>${escape(first.clip.id)}, ${number(width / t.frameRate, 1)} s: a column a frame,
            a row a codebook, a colour a code</figcaption></figure>`);
        };
        const tokened = systems.filter(s => s.tokens).sort((a, b) =>
          b.tokens.codebooks.length - a.tokens.codebooks.length);
        if (tokened.length) drawTokens(tokened[0]);
        """#

    /// Spectrograms and players.
    static let sounds = #"""
        if (audio.length) add(`<h2>Listen and see</h2><p class=note>The first ${audio.length} clips, 6 s of each at most,
          which keeps the page small. Spectrograms: 0 to 8 kHz on a mel scale, from 90 dB under the loudest to it.</p>`);
        for (const sample of audio) {
          add(`<h3>${escape(sample.id)}</h3><p>${escape(sample.text || "")}</p><div class=grid></div>`);
          const box = page.lastElementChild;
          for (const sound of sample.sounds) {
            box.insertAdjacentHTML("beforeend", `<figure><figcaption>${escape(sound.system)}</figcaption><canvas></canvas>
              <audio controls preload=metadata src="data:audio/flac;base64,${sound.flac}"></audio></figure>`);
            const levels = Uint8Array.from(atob(sound.spectrogram), c => c.charCodeAt(0)), width = levels.length / 64;
            const canvas = box.lastElementChild.querySelector("canvas");
            Object.assign(canvas, {width, height: 64});
            canvas.style.height = "8rem";
            const context = canvas.getContext("2d"), image = context.createImageData(width, 64);
            for (let x = 0; x < width; x++) for (let y = 0; y < 64; y++) {
              const level = levels[x * 64 + 63 - y];
              image.data.set([Math.min(255, level * 1.4), Math.max(0, level * 1.6 - 130),
                level < 128 ? level : Math.max(60, 255 - level), 255], 4 * (y * width + x));
            }
            context.putImageData(image, 0, 0);
          }
        }
        """#
}
