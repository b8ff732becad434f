// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Sotto
import SystemIO
import TokenFile

extension UserFacingError {
    /// The line for the person at the keyboard: what is wrong, and which option or command helps, of which the libraries know
    /// nothing.
    var commandLineText: String { hint.map { "\(description); \($0)" } ?? description }

    private var hint: String? {
        switch self as any Error {
        case SystemError.fileExists: "pass --force to replace it"
        case ModelError.notFound: "or pass --model with one of yours"
        case ModelError.readsNoText: "--model FILE names one"
        case AudioFileError.floatInFLAC: "leave --float out for those"
        case TokenFileError.notTokens: "make one with sotto encode"
        case TokenFileError.packets: "use sotto stream decode"
        case TokenFileError.tokenFile: "use sotto decode"
        case TokenFileError.byTheWord: "sotto decode, align, export and inspect read them"
        case TokenFileError.noPackets: "make some with sotto stream encode"
        case TokenFileError.otherModel: "pass the right one with --model"
        default: nil
        }
    }
}
