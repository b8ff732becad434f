// swift-tools-version: 6.3
import PackageDescription

// A package of someone else's that depends on Sotto. `run` builds it outside of the repository.

/// A folder, or the URL of a git repository with "#" and a revision.
let sotto = (Context.environment["SOTTO"] ?? "../..").split(separator: "#").map(String.init)

let package = Package(
    name: "client",
    platforms: [.macOS(.v15)],
    dependencies: [
        sotto.count == 2
            ? .package(url: sotto[0], revision: sotto[1])
            : .package(name: "Sotto", path: sotto[0])
    ],
    targets: [
        .executableTarget(
            name: "client",
            dependencies: ["Sotto", "SottoModels", "SottoStreams"].map { .product(name: $0, package: "Sotto") },
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")])
    ],
    swiftLanguageModes: [.v6]
)
