// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet
import TestSupport
import Testing

struct JSONValueTests {
    private func parsed(_ json: some Sequence<UInt8>) -> JSONValue? {
        Array(json).withUnsafeBytes { try? JSONValue($0) }
    }

    private func parsed(_ json: String) -> JSONValue? { parsed(json.utf8) }

    @Test func valuesOfEachKind() {
        #expect(
            parsed(" {\"a\" : [1, -20,0 ], \"b\":{}, \"a\":[ ]}\r\n\t ")
                == .object([
                    ("a", .array([.whole(1), .whole(-20), .whole(0)])), ("b", .object([])), ("a", .array([])),
                ]))
        #expect(parsed("[true,false,null,1.5,2e3,1E-2,-0.0e+1]") == .array([JSONValue](repeating: .other, count: 7)))
        #expect(parsed("9223372036854775807") == .whole(.max))
        #expect(parsed("-9223372036854775808") == .whole(.min))
        #expect(parsed("9223372036854775808") == .other)
        #expect(parsed("100000000000000000000000000") == .other)
    }

    @Test func texts() {
        #expect(parsed(#""q\" \\ \/ \b\f\n\r\t é é \ud83d\ude00 日""#) == .text("q\" \\ / \u{8}\u{C}\n\r\t é é 😀 日"))
        for wrong in [
            #""\ud83d""#, #""\ud83dx""#, #""\ude00""#, #""\ud83dA""#, #""\u12g4""#, #""\x""#, "\"a\nb\"", "\"a", "\"\\",
        ] {
            #expect(parsed(wrong) == nil, "\(wrong)")
        }
        #expect(parsed([0x22, 0xFF, 0x22]) == nil)
        #expect(parsed([0x22, 0xC3, 0x22]) == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[", "]", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}",
        "tru", "nulls", "+1",
        "01", "-", "1.", ".5", "1e", "1e+", "1 2", "[1]]", "'a'",
    ])
    func notJSON(text: String) { #expect(parsed(text) == nil) }

    @Test func onlyHeadersAreAsDeepAsHeaders() {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(parsed(nested(32)) != nil)
        #expect(parsed(nested(33)) == nil)
        #expect(parsed(nested(100_000)) == nil)
    }

    /// What is taken, damaged or not, is JSON to Foundation as well.
    @Test func damagedJSONIsTakenOnlyIfItIsJSON() {
        var generator = SeededGenerator(seed: 5)
        let whole = Array(
            #"{"a.b": {"dtype": "F32", "shape": [2, 30], "data_offsets": [0, 8]}, "__metadata__": {"c": "\"é\n"}}"#.utf8
        )
        var taken = 0
        for _ in 0..<5000 {
            var json = whole
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = json.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: json[place] = UInt8.random(in: 0x20..<0x7F, using: &generator)
                case 1: json.remove(at: place)
                default: json.insert(json.randomElement(using: &generator) ?? 0x20, at: place)
                }
            }
            guard parsed(json) != nil else { continue }
            taken += 1
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(json))) != nil, "\(String(decoding: json, as: UTF8.self))"
            )
        }
        #expect(taken > 500)
    }
}
