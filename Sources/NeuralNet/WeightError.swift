// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a file of weights is refused.
public enum WeightError: UserFacingError, Equatable {
    case notSafetensors(String, String)
    case missing(String)
    case unused(String)
    case wrongShape(String, found: [Int], expected: [Int])
    case wrongType(String, String)
    case cutOff(String)
    case notFinite(String)

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .notSafetensors(let path, let reason):
            "\(path) is not a safetensors file: \(reason); fetch the model again"
        case .missing(let name): "the model's weights lack the tensor \(name): the file is of another model"
        case .unused(let name): "the model's weights hold an unknown tensor, \(name): the file is of another model"
        case .wrongShape(let name, let found, let expected):
            "the model's tensor \(name) has the shape \(found), not \(expected): the file is of another model"
        case .wrongType(let name, let type): "the model's tensor \(name) is of type \(type); only F16 and F32 are read"
        case .cutOff(let name): "the model's tensor \(name) lies outside of its file; fetch the model again"
        case .notFinite(let name): "the model's tensor \(name) holds values that are not finite; fetch the model again"
        }
    }
}
