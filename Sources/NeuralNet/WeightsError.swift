// SPDX-License-Identifier: Apache-2.0
public import SystemIO

/// Why a file cannot serve as the weights of a model. Always the file's fault, never the layer's.
///
/// `file` is its path, or "the weights" and "the base's weights" for those that were in memory.
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
            "\(file) can't be used as a safetensors file: \(reason); fetch or export the model again"
        case .missing(let file, let tensor):
            "there is no tensor \(tensor.debugDescription) in \(file), but the configuration there asks for it; export the "
                + "model again"
        case .wrongShape(let file, let tensor, let expected, let found):
            "tensor \(tensor.debugDescription) of \(file) has shape \(found), but the configuration there asks for "
                + "\(expected); export the model again"
        case .notFinite(let file, let tensor):
            "tensor \(tensor.debugDescription) of \(file) holds an infinite value or none at all (NaN); "
                + "export the model again"
        case .absurd(let file, let tensor):
            "tensor \(tensor.debugDescription) of \(file) holds a value that no trained model has; export the model again"
        case .unused(let file, let tensors):
            "in \(file) are \(tensors.count) tensors that the configuration there has no use for, such as "
                + tensors.prefix(3).map(\.debugDescription).joined(separator: ", ") + "; export the model again"
        }
    }
}
