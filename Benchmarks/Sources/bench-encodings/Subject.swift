// A record of about a kilobyte with six nested objects: written and read by our writer and reader field by
// field, and by Foundation's coders through `Codable`.

import Wire

/// Somebody, somewhere.
struct Subject: Codable, Equatable {
  var id: Int64
  var name: String
  var localName: String
  var summary: String
  var score: Double
  var isLocked: Bool
  var images: Images
  var rating: Rating
  var collection: Collection
  var owner: Owner
  var place: Place
  var checks: Checks
  var tags: [String]
  var created: UInt64
}

struct Images: Codable, Equatable {
  var large: String
  var medium: String
  var small: String
}

struct Rating: Codable, Equatable {
  var rank: Int
  var total: Int
  var score: Double
  var counts: [Int]
}

struct Collection: Codable, Equatable {
  var wish: Int
  var done: Int
  var doing: Int
  var onHold: Int
  var dropped: Int
}

struct Owner: Codable, Equatable {
  var id: Int
  var name: String
  var sign: String?
}

struct Place: Codable, Equatable {
  var latitude: Double
  var longitude: Double
  var city: String
}

struct Checks: Codable, Equatable {
  var digest: String
  var verified: Bool
  var at: UInt64
}

extension Subject {
  static let sample = Subject(
    id: 9_007_199_254_740_993, name: "Sediment and strata", localName: "湖底の縞模様",
    summary: """
      A varve is one year's layer of sediment on a lake bed: never rewritten, only laid over.
      Somebody counted "thirteen thousand" of them, one by one, and so learned when the ice went.
      """,
    score: 7.8, isLocked: false,
    images: Images(
      large: "https://images.example.com/cover/l/c2/0a/12_xHuIk.jpg",
      medium: "https://images.example.com/cover/m/c2/0a/12_xHuIk.jpg",
      small: "https://images.example.com/cover/s/c2/0a/12_xHuIk.jpg"),
    rating: Rating(
      rank: 573, total: 4221, score: 7.6, counts: [44, 15, 32, 66, 145, 457, 1472, 1190, 523, 277]),
    collection: Collection(wish: 3010, done: 5533, doing: 409, onHold: 340, dropped: 158),
    owner: Owner(id: 231_442, name: "geer", sign: nil),
    place: Place(latitude: 59.329323, longitude: 18.068581, city: "Stockholm"),
    checks: Checks(
      digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", verified: true,
      at: 1_700_000_000_123),
    tags: ["geology", "science", "slow", "climate", "varve", "ice age"], created: 1_699_999_999_999)

  func write(to writer: inout JSONWriter) throws {
    writer.beginObject()
    writer.key("id")
    writer.integer(id)
    writer.key("name")
    writer.string(name)
    writer.key("localName")
    writer.string(localName)
    writer.key("summary")
    writer.string(summary)
    writer.key("score")
    try writer.double(score)
    writer.key("isLocked")
    writer.bool(isLocked)
    writer.key("images")
    writer.beginObject()
    writer.key("large")
    writer.string(images.large)
    writer.key("medium")
    writer.string(images.medium)
    writer.key("small")
    writer.string(images.small)
    writer.endObject()
    writer.key("rating")
    writer.beginObject()
    writer.key("rank")
    writer.integer(rating.rank)
    writer.key("total")
    writer.integer(rating.total)
    writer.key("score")
    try writer.double(rating.score)
    writer.key("counts")
    writer.beginArray()
    for count in rating.counts { writer.integer(count) }
    writer.endArray()
    writer.endObject()
    writer.key("collection")
    writer.beginObject()
    writer.key("wish")
    writer.integer(collection.wish)
    writer.key("done")
    writer.integer(collection.done)
    writer.key("doing")
    writer.integer(collection.doing)
    writer.key("onHold")
    writer.integer(collection.onHold)
    writer.key("dropped")
    writer.integer(collection.dropped)
    writer.endObject()
    writer.key("owner")
    writer.beginObject()
    writer.key("id")
    writer.integer(owner.id)
    writer.key("name")
    writer.string(owner.name)
    if let sign = owner.sign {
      writer.key("sign")
      writer.string(sign)
    }
    writer.endObject()
    writer.key("place")
    writer.beginObject()
    writer.key("latitude")
    try writer.double(place.latitude)
    writer.key("longitude")
    try writer.double(place.longitude)
    writer.key("city")
    writer.string(place.city)
    writer.endObject()
    writer.key("checks")
    writer.beginObject()
    writer.key("digest")
    writer.string(checks.digest)
    writer.key("verified")
    writer.bool(checks.verified)
    writer.key("at")
    writer.integer(checks.at)
    writer.endObject()
    writer.key("tags")
    writer.beginArray()
    for tag in tags { writer.string(tag) }
    writer.endArray()
    writer.key("created")
    writer.integer(created)
    writer.endObject()
  }

  init(from reader: inout JSONReader) throws(JSONError) {
    self = .empty
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("id") {
        id = try reader.readInteger()
      } else if reader.textEquals("name") {
        name = try reader.readString()
      } else if reader.textEquals("localName") {
        localName = try reader.readString()
      } else if reader.textEquals("summary") {
        summary = try reader.readString()
      } else if reader.textEquals("score") {
        score = try reader.readDouble()
      } else if reader.textEquals("isLocked") {
        isLocked = try reader.readBool()
      } else if reader.textEquals("images") {
        images = try Images(from: &reader)
      } else if reader.textEquals("rating") {
        rating = try Rating(from: &reader)
      } else if reader.textEquals("collection") {
        collection = try Collection(from: &reader)
      } else if reader.textEquals("owner") {
        owner = try Owner(from: &reader)
      } else if reader.textEquals("place") {
        place = try Place(from: &reader)
      } else if reader.textEquals("checks") {
        checks = try Checks(from: &reader)
      } else if reader.textEquals("tags") {
        try reader.beginArray()
        while try reader.nextElement() { tags.append(try reader.readString()) }
      } else if reader.textEquals("created") {
        created = try reader.readInteger()
      } else {
        try reader.skipValue()
      }
    }
  }

  private static let empty = Subject(
    id: 0, name: "", localName: "", summary: "", score: 0, isLocked: false,
    images: Images(large: "", medium: "", small: ""), rating: Rating(rank: 0, total: 0, score: 0, counts: []),
    collection: Collection(wish: 0, done: 0, doing: 0, onHold: 0, dropped: 0),
    owner: Owner(id: 0, name: "", sign: nil), place: Place(latitude: 0, longitude: 0, city: ""),
    checks: Checks(digest: "", verified: false, at: 0), tags: [], created: 0)
}

extension Images {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(large: "", medium: "", small: "")
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("large") {
        large = try reader.readString()
      } else if reader.textEquals("medium") {
        medium = try reader.readString()
      } else if reader.textEquals("small") {
        small = try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
  }
}

extension Rating {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(rank: 0, total: 0, score: 0, counts: [])
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("rank") {
        rank = try reader.readInteger()
      } else if reader.textEquals("total") {
        total = try reader.readInteger()
      } else if reader.textEquals("score") {
        score = try reader.readDouble()
      } else if reader.textEquals("counts") {
        try reader.beginArray()
        while try reader.nextElement() { counts.append(try reader.readInteger()) }
      } else {
        try reader.skipValue()
      }
    }
  }
}

extension Collection {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(wish: 0, done: 0, doing: 0, onHold: 0, dropped: 0)
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("wish") {
        wish = try reader.readInteger()
      } else if reader.textEquals("done") {
        done = try reader.readInteger()
      } else if reader.textEquals("doing") {
        doing = try reader.readInteger()
      } else if reader.textEquals("onHold") {
        onHold = try reader.readInteger()
      } else if reader.textEquals("dropped") {
        dropped = try reader.readInteger()
      } else {
        try reader.skipValue()
      }
    }
  }
}

extension Owner {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(id: 0, name: "", sign: nil)
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("id") {
        id = try reader.readInteger()
      } else if reader.textEquals("name") {
        name = try reader.readString()
      } else if reader.textEquals("sign") {
        sign = try reader.readNullIfPresent() ? nil : try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
  }
}

extension Place {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(latitude: 0, longitude: 0, city: "")
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("latitude") {
        latitude = try reader.readDouble()
      } else if reader.textEquals("longitude") {
        longitude = try reader.readDouble()
      } else if reader.textEquals("city") {
        city = try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
  }
}

extension Checks {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init(digest: "", verified: false, at: 0)
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("digest") {
        digest = try reader.readString()
      } else if reader.textEquals("verified") {
        verified = try reader.readBool()
      } else if reader.textEquals("at") {
        at = try reader.readInteger()
      } else {
        try reader.skipValue()
      }
    }
  }
}
