// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The live page's server: the page itself, recordings that it has coded, and live speech.
public struct PageServer: Sendable {
    private enum Negotiated: Sendable {
        case http(HTTPConnection.Channel)
        case live(LiveConnection.Channel)
    }

    private struct Accepted: Sendable {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    private let host: String
    private let port: Int
    private let routes: Routes
    private let streams: Slots
    private let connections = Slots(Limits.connections)

    /// - Parameters:
    ///   - host: the address to listen at.
    ///   - port: 0 for any that is free.
    ///   - model: the only model; nil takes those that are in the program.
    ///   - streams: live streams at a time; nil measures how many the machine has the speed for.
    /// - Throws: what loading the model throws.
    public init(host: String, port: Int, model: String? = nil, streams: Int? = nil) throws {
        (self.host, self.port) = (host, port)
        let models = try Models(model)
        routes = Routes(models: models, visitors: Visitors(isOpen: !Self.isLocal(host)))
        self.streams = Slots(try streams ?? Capacity.streams(models))
    }

    /// Live streams that are taken at a time.
    public var streamCount: Int { streams.count }

    /// Whether only this machine can reach an address.
    public static func isLocal(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// Serves until the task is cancelled; then says goodbye to live pages and returns.
    ///
    /// - Parameter ready: called with the port once clients may come.
    /// - Throws: `ServeError` if it can't listen.
    public func run(ready: @Sendable (Int) -> Void) async throws {
        let server = try await listen()
        ready(server.channel.localAddress?.port ?? port)
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { inbound in
                for try await accepted in inbound {
                    group.addTask { await serve(accepted) }
                }
            }
            group.cancelAll()
        }
    }

    private func listen() async throws -> NIOAsyncChannel<Accepted, Never> {
        do {
            return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 64)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        Accepted(channel: channel, negotiated: try negotiate(on: channel))
                    }
                }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ServeError.portTaken(port)
        } catch {
            throw ServeError.cannotListen(host: host, port: port, reason: "\(error)")
        }
    }

    /// Sets up a connection that begins with HTTP and may go on as a WebSocket.
    private func negotiate(on channel: any Channel) throws -> EventLoopFuture<Negotiated> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
            maxFrameSize: Limits.messageBytes,
            shouldUpgrade: { channel, head in
                let isOurs =
                    Request(head).path == "/live"
                    && routes.visitors.admits(host: head.headers["Host"], origin: head.headers["Origin"])
                return channel.eventLoop.makeSucceededFuture(isOurs ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    .live(try LiveConnection.Channel(wrappingChannelSynchronously: channel))
                }
            })
        let configuration = NIOTypedHTTPServerUpgradeConfiguration(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ResponseParts())
                    return .http(try HTTPConnection.Channel(wrappingChannelSynchronously: channel))
                }
            })
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: .init(upgradeConfiguration: configuration))
    }

    /// Whatever goes wrong with one client ends its connection and nothing else.
    private func serve(_ accepted: Accepted) async {
        guard let slot = connections.take() else {
            return accepted.channel.close(promise: nil)
        }
        let patience = Patience(with: accepted.channel)
        patience.begin()
        do {
            let negotiated = try await withTaskCancellationHandler {
                try await accepted.negotiated.get()
            } onCancel: {
                accepted.channel.close(promise: nil)
            }
            patience.end()
            switch negotiated {
            case .http(let channel): try await HTTPConnection(routes: routes, patience: patience).run(channel)
            case .live(let channel):
                let live = LiveConnection(models: routes.models, streams: streams, patience: patience)
                try await live.run(channel)
            }
        } catch {
            accepted.channel.close(promise: nil)
        }
        withExtendedLifetime(slot) {}
    }
}
