// SPDX-License-Identifier: Apache-2.0

import Foundation
import WebPage

/// The page of a demo. What draws and plays is the live page's own, in `Serve/Page`.
struct DemoPage {
    let html: String

    /// - Parameters:
    ///   - serve: the folder with `Demo/index.html` and `Demo/demo.js`, and with the live page in `Page`.
    ///   - demo: what is shown.
    init(_ serve: URL, shows demo: Demo) throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: serve.appending(path: path), encoding: .utf8)
        }
        html = try SinglePage(
            template: text("Demo/index.html"), style: text("Page/style.css"), icon: text("Page/icon.svg"),
            script: "demo/demo.js", data: demo
        ) { name in
            try text(name == "demo/demo.js" ? "Demo/demo.js" : "Page/js/\(name.dropFirst("sotto/".count))")
        }.html
    }
}
