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
            Self.head + "<script>\nconst report = \(try json(short)), audio = \(try json(audio.samples));\n"
            + [Self.tools, Self.figures, Self.probe, Self.tokens, Self.sounds].joined(separator: "\n")
            + "\n</script></body></html>\n"
    }

    private static let head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1"><title>Sotto benchmark</title><style>
        :root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #d5dae0; --soft: #667 }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8eaee; --paper: #14171b; --line: #363c45; --soft: #9aa4b2 }
        }
        body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
          max-width: 76rem; margin: auto; padding: 1rem; overflow-wrap: anywhere }
        h2 { margin-top: 2rem }
        .wide { overflow-x: auto }
        table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; font-size: .85rem }
        td, th { padding: .25rem .55rem; text-align: right; border-bottom: 1px solid var(--line);
          white-space: nowrap; vertical-align: top }
        th { vertical-align: bottom }
        td:first-child, th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper) }
        td small { display: block; color: var(--soft); font-size: .68rem }
        .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1rem }
        figure { margin: 0; max-width: 40rem }
        figcaption, .note { color: var(--soft); font-size: .85rem }
        .legend span { white-space: nowrap; margin-right: 1rem; font-size: .85rem }
        .legend svg { width: .9rem; height: .9rem; vertical-align: -.1rem; margin-right: .25rem }
        svg, canvas { width: 100%; height: auto }
        svg text { fill: var(--ink); font-size: 11px }
        svg .tick { fill: var(--soft); font-size: 10px }
        svg line { stroke: var(--line) }
        audio { width: 100% }
        </style></head><body><h1>Sotto benchmark</h1><div id="page"></div>
        """
}
