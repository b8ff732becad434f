// SPDX-License-Identifier: Apache-2.0

import Foundation
public import SystemIO

/// One HTML file with everything in it: it is opened from the disk, where scripts can't fetch others.
public struct SinglePage: Sendable {
    public let html: String

    /// - Parameters:
    ///   - template: HTML with the comments `<!-- icon -->`, `<!-- style -->`, `<!-- modules -->`, `<!-- data -->` and `<!-- script -->` where
    ///     these belong.
    ///   - icon: SVG.
    ///   - script: the name of the first module, FOLDER/FILE.js.
    ///   - data: what the script finds in the element `data`, as JSON.
    ///   - text: gives the text of a module. Modules import others of their folder as ./FILE.js, those of another one as FOLDER/FILE.js.
    /// - Throws: `SinglePageError`, `EncodingError`, or what `text` throws.
    public init(
        template: String, style: String, icon: String, script: String, data: some Encodable,
        text: (String) throws -> String
    ) throws {
        var modules: [String: String] = [:]
        let first = try Module(name: script, text: text(script))
        try Self.gather(first.imports, into: &modules, text: text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let parts = [
            "icon": #"<link rel="icon" href="data:image/svg+xml;base64,\#(Self.base64(icon))">"#,
            "style": "<style>\n\(style)</style>",
            "modules": #"<script type="importmap">\#(try Self.json(["imports": modules], encoder))</script>"#,
            "data": #"<script type="application/json" id="data">\#(try Self.json(data, encoder))</script>"#,
            "script": "<script type=\"module\">\n\(first.text)</script>",
        ]
        var html = template
        for (name, part) in parts {
            guard let place = html.range(of: "<!-- \(name) -->") else { throw SinglePageError.noPlace(name) }
            html.replaceSubrange(place, with: part)
        }
        self.html = html
    }

    /// Adds modules and those that they import in turn, as addresses that hold their text.
    private static func gather(
        _ names: [String], into modules: inout [String: String], text: (String) throws -> String
    ) throws {
        for name in names where modules[name] == nil {
            let module = try Module(name: name, text: text(name))
            modules[name] = "data:text/javascript;base64,\(base64(module.text))"
            try gather(module.imports, into: &modules, text: text)
        }
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// Inside of a script element, no text may look like its end.
    private static func json(_ value: some Encodable, _ encoder: JSONEncoder) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self).replacing("<", with: "\\u003c")
    }
}

/// A script whose imports all have the names of the page's map.
private struct Module {
    let text: String
    let imports: [String]

    init(name: String, text: String) {
        let folder = name.prefix { $0 != "/" }
        self.text = text.replacing(/(from|import) "\.\//) { "\($0.1) \"\(folder)/" }
        imports = self.text.matches(of: /(?:from|import) "([a-z]+\/[A-Za-z.]+\.js)"/).map { String($0.1) }
    }
}

public enum SinglePageError: UserFacingError {
    case noPlace(String)

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .noPlace(let name): "the page's template has no place for \(name)"
        }
    }
}
