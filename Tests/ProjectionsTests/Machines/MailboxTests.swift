// How commands wait: bounded, in order within a key, and in turn between keys.

import Bytes
import Testing

@testable import Projections

@Suite("The mailbox of a shard") struct MailboxTests {
  private func key(_ text: String) -> ByteBuffer { ByteBuffer(text) }

  @Test("keys take turns, and commands of one key keep their order")
  func turns() {
    var mailbox = Mailbox<String>()
    for item in ["a1", "a2", "a3", "b1", "c1", "c2"] {
      #expect(mailbox.add(item, key: key(String(item.prefix(1)))) == .taken)
    }
    #expect(mailbox.take(4) == ["a1", "b1", "c1", "a2"])
    #expect(mailbox.add("b2", key: key("b")) == .taken)
    #expect(mailbox.take(10) == ["c2", "a3", "b2"])
    #expect(mailbox.isEmpty)
    #expect(mailbox.take(1).isEmpty)
  }

  @Test("no more wait than may, of one key or altogether, and room returns with what is taken")
  func limits() {
    var mailbox = Mailbox<Int>(Mailbox.Limits(total: 4, perKey: 2))
    #expect(mailbox.add(1, key: key("a")) == .taken)
    #expect(mailbox.add(2, key: key("a")) == .taken)
    #expect(mailbox.add(3, key: key("a")) == .full(ofKey: true, maximum: 2))
    #expect(mailbox.add(4, key: key("b")) == .taken)
    #expect(mailbox.add(5, key: key("c")) == .taken)
    #expect(mailbox.add(6, key: key("d")) == .full(ofKey: false, maximum: 4))
    #expect(mailbox.take(1) == [1])
    #expect(mailbox.add(7, key: key("a")) == .taken)
    #expect(mailbox.drain() == [4, 5, 2, 7])
    #expect(mailbox.count == 0)
  }

  @Test(
    "random commands come out once each, in order within their key, and every key is served in every round")
  func randomSchedules() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var mailbox = Mailbox<(key: Int, number: Int)>()
      var sent: [Int: Int] = [:]
      var seen: [Int: Int] = [:]
      for _ in 0..<200 {
        let name = Int.random(in: 0..<5, using: &random)
        sent[name, default: 0] += 1
        #expect(mailbox.add((name, sent[name] ?? 0), key: key("\(name)")) == .taken)
        if Int.random(in: 0..<4, using: &random) == 0 {
          for item in mailbox.take(Int.random(in: 0..<6, using: &random)) {
            #expect(item.number == (seen[item.key] ?? 0) + 1)
            seen[item.key] = item.number
          }
        }
      }
      let waiting = sent.filter { $0.value > (seen[$0.key] ?? 0) }.count
      #expect(Set(mailbox.take(waiting).map(\.key)).count == waiting)
    }
  }
}
