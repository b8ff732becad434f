// SPDX-License-Identifier: Apache-2.0

import Foundation
import WebPage

/// A report as one HTML file that needs no network.
public struct Page {
    public let html: String

    /// What the page's scripts find.
    private struct Content: Encodable {
        var report: Report
        var figures: [Figure]
        var published: [PublishedPeer]
        /// The systems whose sounds there are, the original first, by clip.
        var heard: [String: [String]]
        /// FLAC in base64, by clip and system; what isn't here lies in the folder of sounds.
        var sounds: [String: [String: String]]
    }

    /// - Parameter sounds: what can be heard; nil for nothing.
    /// - Throws: `EncodingError`, which finite figures can't cause, or what reading a sound throws.
    public init(_ report: Report, sounds: Sounds?) throws {
        let names = report.systems.map(\.name)
        let content = Content(
            report: report.shortened,
            figures: Figure.own + (report.joined ?? []).map(Figure.init(joined:)) + Figure.ofThePage,
            published: PublishedPeer.all,
            heard: sounds?.heard(report.clips, systems: names) ?? [:],
            sounds: try sounds?.inPage(report.clips, systems: names) ?? [:])
        html = try SinglePage(
            template: ReportFiles.text("index.html"),
            style: ReportFiles.text("style.css") + ReportFiles.text("report.css"), icon: ReportFiles.text("icon.svg"),
            script: "report/report.js", data: content, text: ReportFiles.text
        ).html
    }
}

extension Report {
    /// Without what would only make a page large: times of frames, and all but a picture's worth of codes.
    fileprivate var shortened: Report {
        var short = self
        var isFirst = true
        for clip in short.clips.indices {
            for name in short.clips[clip].systems.keys {
                short.clips[clip].systems[name]?.frameMilliseconds = []
                let codes = short.clips[clip].systems[name]?.codes
                short.clips[clip].systems[name]?.codes = isFirst ? codes.map { Array($0.prefix(150)) } : nil
            }
            isFirst = isFirst && short.clips[clip].systems.values.allSatisfy { $0.codes == nil }
        }
        return short
    }
}
