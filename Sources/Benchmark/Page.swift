// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A report as one HTML file that needs no network.
public struct Page {
    public let html: String

    /// - Throws: `EncodingError`, which finite figures can't cause.
    public init(_ report: Report, audio: AudioSamples) throws {
        var short = report
        // Per-frame times and all but a raster's worth of codes would only make the page large.
        for clip in short.clips.indices {
            for name in short.clips[clip].systems.keys {
                short.clips[clip].systems[name]?.frameMilliseconds = []
                let codes = short.clips[clip].systems[name]?.codes
                short.clips[clip].systems[name]?.codes = clip == 0 ? codes.map { Array($0.prefix(150)) } : nil
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        func json(_ value: some Encodable) throws -> String {
            // Inside of a script element, no text may look like its end.
            String(decoding: try encoder.encode(value), as: UTF8.self).replacingOccurrences(of: "<", with: "\\u003c")
        }
        html =
            Self.head + "<script>const report=\(try json(short));const audio=\(try json(audio.samples));\n"
            + Self.script + "</script></body></html>\n"
    }

    private static let head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1"><title>Sotto benchmark</title><style>
        :root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d5dae0;--soft:#667}
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--paper:#14171b;--line:#363c45;--soft:#9aa4b2}}
        body{font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;
        margin:auto;padding:1rem}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.85rem}
        td,th{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        td:first-child,th:first-child{text-align:left}.wide{overflow-x:auto}
        .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
        figure{margin:0;max-width:40rem}figcaption,.note{color:var(--soft);font-size:.85rem}svg,canvas{width:100%;height:auto}
        svg text{fill:var(--ink);font-size:11px}audio{width:100%}h2{margin-top:2rem}
        </style></head><body><h1>Sotto benchmark</h1><div id="page"></div>
        """

    private static let script = #"""
        const page=document.getElementById("page"),S=report.systems;
        const colour=i=>`hsl(${i*137%360} 65% 50%)`;
        const escape=t=>String(t).replace(/[&<>"]/g,c=>`&#${c.charCodeAt(0)};`);
        const add=h=>page.insertAdjacentHTML("beforeend",h);
        const figure=(s,k,d)=>{const f=s.figures[k];return f?f.mean.toFixed(d):"–"};
        const span=(s,k,d)=>{const f=s.figures[k];return f?`${f.mean.toFixed(d)} <small>[${f.low.toFixed(d)}, ${f.high.toFixed(d)}]</small>`:"–"};
        const K=[["payload_bit_s","bit/s",0],["file_bit_s","file bit/s",0],["text_bit_s","text bit/s",0],["stoi","STOI",3],["estoi","ESTOI",3],
        ["si_sdr_db","SI-SDR dB",1],["log_mel_l1","log-mel L1",3],["lsd_db","LSD dB",2],["mcd_db","MCD dB",2],["f0_rmse_cents","F0 cents",1],
        ["f0_gross_share","F0 gross",3],["voicing_error_share","voicing error",3],["level_db","level dB",2]];
        const joined=(report.joined||[]).map(k=>[k,escape(k),3]);K.push(...joined);
        add(`<p class=note>${report.clips.length} clips. Model ${report.model}, ${(report.modelBytes/1e6).toFixed(1)} MB.
        ${escape(report.machine.processor)}, ${escape(report.machine.instructions)} instructions,
        ${report.machine.workers} workers. Means with bootstrap 95 % intervals.</p>`);
        const table=(heads,rows)=>add(`<div class=wide><table><tr>${heads.map(h=>`<th>${h}</th>`).join("")}</tr>${rows.map(r=>`<tr>${r.map(c=>`<td>${c}</td>`).join("")}</tr>`).join("")}</table></div>`);
        table(["system",...K.map(k=>k[1]),"failed"],S.map(s=>[escape(s.name),...K.map(k=>span(s,k[0],k[2])),s.failures]));
        const plot=(title,points,xs,ys,logX)=>{
        if(!points.length)return"";
        const X=v=>logX?Math.log(v):v,px=points.map(p=>X(p.x)),py=points.map(p=>p.y);
        let [a,b,c,d]=[Math.min(...px),Math.max(...px),Math.min(...py),Math.max(...py)];
        if(a==b){a-=.5;b+=.5}if(c==d){c-=.5;d+=.5}
        const x=v=>45+(X(v)-a)/(b-a)*260,y=v=>190-(v-c)/(d-c)*165;
        const mark=v=>Math.abs(v)>=100?v.toFixed(0):v.toFixed(2),E=v=>logX?Math.exp(v):v;
        const line=points.filter(p=>p.line).map(p=>`${x(p.x)},${y(p.y)}`).join(" ");
        return `<figure><svg viewBox="0 0 340 230" role=img><line x1=45 y1=195 x2=310 y2=195 stroke="var(--line)"/><line x1=40 y1=20 x2=40 y2=195 stroke="var(--line)"/>
        <polyline points="${line}" fill=none stroke="var(--soft)"/>
        ${points.map(p=>`<circle cx=${x(p.x)} cy=${y(p.y)} r=${p.name?5:2.5} fill="${p.colour}" opacity=.8><title>${escape(p.title||p.name)}</title></circle>${p.name?`<text x=${x(p.x)>240?x(p.x)-8:x(p.x)+8} y=${y(p.y)+(x(p.x)>240?14:-6)} text-anchor=${x(p.x)>240?"end":"start"}>${escape(p.name)}</text>`:""}`).join("")}
        <text x=45 y=210>${mark(E(a))}</text><text x=310 y=210 text-anchor=end>${mark(E(b))}</text><text x=177 y=224 text-anchor=middle>${xs}</text>
        <text x=2 y=25>${mark(d)}</text><text x=2 y=193>${mark(c)}</text></svg><figcaption>${title}</figcaption></figure>`};
        const rated=S.filter(s=>s.figures.payload_bit_s);
        add("<h2>Rate and quality</h2><div class=grid>"+[["stoi","STOI"],["estoi","ESTOI"],["log_mel_l1","log-mel L1 (less is better)"],...joined].map(([k,n])=>
        plot(n,rated.filter(s=>s.figures[k]).map((s)=>({x:s.figures.payload_bit_s.mean,y:s.figures[k].mean,name:s.name,colour:colour(S.indexOf(s)),line:!!s.tokens})),"payload bit/s, logarithmic",n,true)).join("")+"</div>");
        add("<h2>Clip by clip</h2><div class=grid>"+plot("Each dot is a clip: the colours are those of the curves above",report.clips.flatMap(c=>S.flatMap((s,i)=>{const f=(c.systems[s.name]||{}).figures;return f&&f.stoi!=null&&f.log_mel_l1!=null?[{x:f.log_mel_l1,y:f.stoi,colour:colour(i),title:c.clip.id+", "+s.name}]:[]})),"log-mel L1","STOI",false)+"</div>");
        const differing=S.filter(s=>Object.keys(s.differences).length);
        if(differing.length){add(`<h2>Against ${escape(S[0].name)}, clip by clip</h2>`);
        table(["system",...K.map(k=>k[1])],differing.map(s=>[escape(s.name),...K.map(k=>span({figures:s.differences},k[0],k[2]))]))}
        for(const [key,title] of [["byPart","part"],["bySpeaker","speaker"]]){
        const groups=[...new Set(S.flatMap(s=>Object.keys(s[key])))].sort();
        if(groups.length){add(`<h2>By ${title}: STOI</h2>`);table(["system",...groups.map(escape)],S.map(s=>[escape(s.name),...groups.map(g=>s[key][g]?figure({figures:s[key][g]},"stoi",3):"–")]))}}
        add("<h2>Speed</h2><p class=note>Seconds of work a second of speech, median over clips. Peers' times hold the start of their processes.</p>");
        const opt=(v,d)=>v==null?"–":v.toFixed(d);
        table(["system","encode","decode","ms a frame, median","99th percentile","peak memory, MB"],S.map(s=>[escape(s.name),opt(s.medianEncodeRtf,4),opt(s.medianDecodeRtf,4),opt(s.frameMillisecondsP50,2),opt(s.frameMillisecondsP99,2),opt(s.peakMemory&&s.peakMemory/1e6,1)]));
        const tokened=S.filter(s=>s.tokens).sort((a,b)=>b.tokens.codebooks.length-a.tokens.codebooks.length)[0];
        if(tokened){const t=tokened.tokens;
        add(`<h2>Tokens of ${escape(tokened.name)}</h2><p class=note>${t.frames} frames, ${t.tokensPerSecond} tokens/s, nominal ${t.nominalBitRate} bit/s; an ideal entropy coder would need ${t.idealBitRate.toFixed(0)} at order 0 and ${opt(t.idealBitRate1,0)} at order 1 (${opt(t.shuffledIdealBitRate1,0)} of shuffled codes: only the difference is a saving). Few frames make all three too low: trust them when frames are many times the codes.</p>`);
        table(["codebook","used","dead","perplexity","entropy 0","entropy 1","shuffled","Zipf slope","mean run","longest","next frame, bit","next codebook, bit"],t.codebooks.map((b,i)=>[i+1,(b.shareUsed*100).toFixed(1)+" %",b.deadCodes,b.perplexity.toFixed(0),b.entropy0.toFixed(2),opt(b.entropy1,2),opt(b.shuffledEntropy1,2),opt(b.zipfSlope,2),b.meanRun.toFixed(2),b.longestRun,opt(t.informationBetweenFrames[i],2),opt(t.informationBetweenCodebooks[i],2)]));
        add("<div class=grid>"+t.codebooks.map((b,i)=>{const c=[...b.counts].sort((x,y)=>y-x),m=c[0]||1,w=300/c.length;return `<figure><svg viewBox="0 0 300 80"><path fill="${colour(i)}" d="M0 80${c.map((v,j)=>`L${(j*w).toFixed(1)} ${(80-78*v/m).toFixed(1)}`).join("")}L300 80Z"/></svg><figcaption>Codebook ${i+1}: codes by how often they are used</figcaption></figure>`}).join("")+"</div>");
        const first=report.clips[0],codes=first&&first.systems[tokened.name]&&first.systems[tokened.name].codes;
        if(codes&&codes.length){const w=codes.length,h=codes[0].length;
        add(`<h3>Token raster</h3><figure><svg viewBox="0 0 ${w*4} ${h*10}" style="min-height:5rem" preserveAspectRatio=none>${codes.flatMap((f,x)=>f.map((c,y)=>`<rect x=${x*4} y=${y*10} width=4 height=10 fill="hsl(${c*137.5%360} 60% ${35+c%40}%)"/>`)).join("")}</svg><figcaption>${escape(first.clip.id)}: a column a frame, a row a codebook, a colour a code</figcaption></figure>`)}}
        add(`<h2>Listen and see</h2><p class=note>To keep the page small: the first ${audio.length} clips, 6 s of each at most.</p>`);
        const bytes=t=>Uint8Array.from(atob(t),c=>c.charCodeAt(0));
        for(const s of audio){add(`<h3>${escape(s.id)}</h3><p>${escape(s.text||"")}</p><div class=grid></div>`);const box=page.lastElementChild;
        for(const o of s.sounds){box.insertAdjacentHTML("beforeend",`<figure><figcaption>${escape(o.system)}</figcaption><canvas></canvas><audio controls preload=none src="data:audio/flac;base64,${o.flac}"></audio></figure>`);
        const v=box.lastElementChild.querySelector("canvas"),d=bytes(o.spectrogram),w=d.length/64;v.width=w;v.height=64;v.style.height="8rem";
        const g=v.getContext("2d"),im=g.createImageData(w,64);
        for(let x=0;x<w;x++)for(let y=0;y<64;y++){const l=d[x*64+63-y],at=4*(y*w+x);im.data[at]=Math.min(255,l*1.4);im.data[at+1]=Math.max(0,l*1.6-130);im.data[at+2]=l<128?l:Math.max(60,255-l);im.data[at+3]=255}
        g.putImageData(im,0,0)}}
        """#
}
