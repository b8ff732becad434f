// SPDX-License-Identifier: Apache-2.0
public import SystemIO

/// Why a file cannot serve as the weights of a model. Always the file's fault, never the layer's.
public enum WeightsError: UserFacingError, Equatable {
    case malformed(file: String, reason: String)
    case missing(file: String, tensor: String)
    case wrongShape(file: String, tensor: String, expected: [Int], found: [Int])
    case notFinite(file: String, tensor: String)
    case absurd(file: String, tensor: String)
    case unused(file: String, tensors: [String])

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .malformed(let file, let reason):
            "\(file) is not a usable safetensors file: \(reason); fetch or export the model again"
        case .missing(let file, let tensor):
            "\(file) has no tensor \(tensor.debugDescription), which its configuration asks for; export the model again"
        case .wrongShape(let file, let tensor, let expected, let found):
            "tensor \(tensor.debugDescription) of \(file) has shape \(found), but its configuration asks for "
                + "\(expected); export the model again"
        case .notFinite(let file, let tensor):
            "tensor \(tensor.debugDescription) of \(file) holds an infinite value or none at all (NaN); "
                + "export the model again"
        case .absurd(let file, let tensor):
            "tensor \(tensor.debugDescription) of \(file) holds a value that no trained model has; export the model again"
        case .unused(let file, let tensors):
            "\(file) holds \(tensors.count) tensors that its configuration has no use for, such as "
                + tensors.prefix(3).map(\.debugDescription).joined(separator: ", ") + "; export the model again"
        }
    }
}
