// swift-tools-version: 6.2
// Fuzz targets: one libFuzzer program that holds every decoder; ops/fuzz picks one by VARVE_FUZZ_TARGET.

import PackageDescription

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "varve", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Bytes", "CommandLine", "Configuration", "Crypto", "Files", "HTTP", "HTTP1", "HTTP2", "Log",
        "LogTools", "Notation",
        "Records", "Runtime", "TLS", "WebSocket", "Wire",
      ].map { .product(name: $0, package: "varve") })
  ]
)
