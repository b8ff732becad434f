// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

// demo-page FOLDER: writes FOLDER/index.html from what `make demo` has left there. It is run where the source is.

do {
    guard CommandLine.arguments.count == 2 else { throw DemoError.usage }
    let folder = URL(filePath: CommandLine.arguments[1])
    let demo = try Demo(in: folder, sentence: URL(filePath: "Samples/campfire.txt"))
    let page = try DemoPage(URL(filePath: "Serve"), shows: demo)
    let path = folder.appending(path: "index.html")
    try Data(page.html.utf8).write(to: path, options: .atomic)
    print(path.path(percentEncoded: false))
} catch {
    let text = (error as? any UserFacingError)?.description ?? error.localizedDescription
    FileHandle.standardError.write(Data("demo-page: \(text)\n".utf8))
    exit((error as? any UserFacingError)?.kind.rawValue ?? 1)
}
