// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One HTML file with everything in it: it is opened from the disk, where scripts can't fetch others. What draws and plays is the
/// live page's own, in `Serve/Page`.
struct DemoPage {
    let html: String

    /// - Parameters:
    ///   - serve: the folder with `Demo/index.html` and `Demo/demo.js`, and with the live page in `Page`.
    ///   - demo: what is shown.
    init(_ serve: URL, shows demo: Demo) throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: serve.appending(path: path), encoding: .utf8)
        }
        let script = try text("Demo/demo.js")
        var modules: [String: String] = [:]
        try Self.gather(Self.imports(of: script), into: &modules) { try text("Page/js/\($0)") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let icon = try Data(text("Page/icon.svg").utf8).base64EncodedString()
        let parts = [
            "style": "<style>\n\(try text("Page/style.css"))</style>",
            "icon": "<link rel=\"icon\" href=\"data:image/svg+xml;base64,\(icon)\">",
            "modules": "<script type=\"importmap\">\(try Self.json(["imports": modules], encoder))</script>",
            "demo": "<script type=\"application/json\" id=\"demo\">\(try Self.json(demo, encoder))</script>",
            "script": "<script type=\"module\">\n\(script)</script>",
        ]
        var html = try text("Demo/index.html")
        for (name, part) in parts {
            guard let place = html.range(of: "<!-- \(name) -->") else {
                throw DemoError.noPlace(name, in: "Serve/Demo/index.html")
            }
            html.replaceSubrange(place, with: part)
        }
        self.html = html
    }

    /// The names of the modules that a script imports.
    private static func imports(of script: String) -> [String] {
        script.matches(of: /(?:from|import) "(?:\.|sotto)\/([a-z.]+\.js)"/).map { String($0.1) }
    }

    /// Adds modules and those that they import in turn, under the name sotto/NAME, as addresses that hold their text.
    private static func gather(
        _ names: [String], into modules: inout [String: String], text: (String) throws -> String
    ) throws {
        for name in names where modules["sotto/" + name] == nil {
            let script = try text(name)
            let renamed = script.replacing(/(from|import) "\.\//) { "\($0.1) \"sotto/" }
            modules["sotto/" + name] = "data:text/javascript;base64,\(Data(renamed.utf8).base64EncodedString())"
            try gather(imports(of: script), into: &modules, text: text)
        }
    }

    /// Inside of a script element, no text may look like its end.
    private static func json(_ value: some Encodable, _ encoder: JSONEncoder) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self).replacing("<", with: "\\u003c")
    }
}
