// What a metric and a log line cost, beside the same work in C.

import CTelemetryPeer
import Glibc
import Measure
import Runtime
import Telemetry

@main
struct Bench {
  static func main() async throws {
    metrics()
    try await logs()
  }

  static func metrics() {
    let operations = 2_000_000
    let counter = Counter()
    Comparison(
      "counter increment", operations: operations,
      ours: { for _ in 0..<operations { counter.increment() } },
      peer: { peer_increment(UInt64(operations)) }
    ).report(peerName: "C relaxed atomic add", goal: "1.0x")
    let histogram = Histogram(buckets: .seconds)
    Comparison(
      "histogram observe", operations: operations,
      ours: { for i in 0..<UInt64(operations) { histogram.observe((i & 1023) &* 1000) } },
      peer: { peer_observe(UInt64(operations)) }
    ).report(peerName: "C search + 2 atomic adds", goal: "1.0x")
  }

  static func logs() async throws {
    let sink = DescriptorSink(open("/dev/null", O_WRONLY | O_CLOEXEC))
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("bench")
    let disabled = 5_000_000
    Comparison(
      "disabled line", operations: disabled,
      ours: {
        for i in 0..<disabled {
          log.debug("request served", ["peer": "192.0.2.1", "number": .int(i), "ok": true])
        }
      },
      peer: { peer_disabled(UInt64(disabled)) }
    ).report(peerName: "C relaxed load + branch", goal: "1-2 ns")

    // On the calling thread; the writer's part is on another. Batches fit the queue and are flushed between,
    // outside the clock's reach as far as this thread's CPU goes.
    let batch = 2000
    func lines(_ name: String, _ log: Logger) {
      Comparison(
        name, operations: batch, runs: 51,
        ours: {
          for i in 0..<batch {
            log.info("request served", ["peer": "192.0.2.1", "number": .int(i), "ok": true])
          }
        },
        peer: {
          keep(pipeline.flush(within: .seconds(5)))
          peer_log(UInt64(batch))
        }
      ).report(peerName: "C snprintf + stdio", goal: "1.0x")
    }
    lines("line to a null sink", log)
    let ids = RequestIDSource()
    lines("the same, request id on the logger", log.with(requestID: ids.next()))
    await LogContext.with(requestID: ids.next()) { lines("the same, request id of the task", log) }

    let requests = 100_000
    Comparison(
      "attach an id to a logger", operations: requests,
      ours: { for _ in 0..<requests { keep(log.with(requestID: ids.next())) } },
      peer: { for _ in 0..<requests { keep(ids.next()) } }
    ).report(peerName: "making the id alone", goal: "")
    let id = ids.next()
    var context: [Double] = []
    for _ in 0..<9 {
      let before = threadCPUNanoseconds()
      for _ in 0..<requests { await LogContext.with(requestID: id) { keep(id) } }
      context.append(Double(threadCPUNanoseconds() - before) / Double(requests))
    }
    print("task context for a request: \(median(context)) ns (wall of one task, no suspension)")
    let unlikely = pipeline.flush(within: .seconds(5)) ? "" : " (not flushed)"
    print("done\(unlikely)")
  }
}
