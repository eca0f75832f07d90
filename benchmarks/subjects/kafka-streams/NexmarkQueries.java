// NEXMark on Kafka Streams: the same queries as benchmarks/subjects/topologies/nexmark-q*.ts, with the same keys and values.
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowStore;

class NexmarkQueries {
  static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  // Partitions of a backlog are not read in step, and stream time is the latest that a task has seen.
  static final Duration GRACE = Duration.ofSeconds(10);
  static final Duration RETENTION = TEN_SECONDS.plus(GRACE);
  static final Serde<String> STRINGS = Serdes.String();

  final StreamsBench bench;

  NexmarkQueries(StreamsBench bench) {
    this.bench = bench;
  }

  // All kinds of events in one: what a kind does not have stays empty.
  public static class Event {
    public String kind;
    public long id;
    public String name;
    public String state;
    public long seller;
    public int category;
    public long expires;
    public long auction;
    public long bidder;
    public long price;
    public String channel;
    public long dateTime;
    public String extra;
  }

  public static class Person {
    public long id;
    public String name;
    public String state;
  }

  public static class Auction {
    public long id;
    public long seller;
    public int category;
    public long expires;
  }

  public static class Bid {
    public String kind;
    public long auction;
    public long bidder;
    public long price;
    public String channel;
    public long dateTime;
    public String extra;
  }

  public static class OutBid {
    public long auction;
    public long bidder;
    public long price;
    public long dateTime;
    public String extra;
  }

  public static class EuroBid {
    public long auction;
    public long bidder;
    public double price;
    public long dateTime;
    public String extra;
  }

  public static class Price {
    public long auction;
    public long price;
  }

  public static class LocalItem {
    public String name;
    public String state;
    public long auction;
  }

  public static class Winner {
    public int category = -1;
    public long price = -1;
    public long dateTime;
    public long expires;
  }

  public static class Sum {
    public long count;
    public long total;
  }

  public static class Hot {
    public String auction;
    public long bids;
  }

  public static class NewSeller {
    public String name;
    public long auctions;
  }

  void build(String query) {
    switch (query) {
      case "q0" -> bids().mapValues(NexmarkQueries::copyOf).to(bench.output, out(OutBid.class));
      case "q1" -> bids().mapValues(NexmarkQueries::inEuros).to(bench.output, out(EuroBid.class));
      case "q2" -> bids().filter((key, bid) -> bid.auction % 123 == 0)
          .mapValues(NexmarkQueries::priceOf).to(bench.output, out(Price.class));
      case "q3" -> localItems();
      case "q4" -> averagePrices();
      case "q5" -> hottestAuctions();
      case "q7" -> highestBids();
      case "q8" -> newSellers();
      case "q11" -> bidderSessions();
      case "q18" -> lastBids();
      default -> throw new IllegalArgumentException(query);
    }
  }

  void localItems() {
    Set<String> states = Set.of("OR", "ID", "CA");
    KTable<String, Person> sellers = persons()
        .filter((key, person) -> states.contains(person.state))
        .selectKey((key, person) -> "" + person.id)
        .toTable(table("sellers", Person.class));
    KTable<String, Auction> items = auctions()
        .filter((key, auction) -> auction.category == 3)
        .selectKey((key, auction) -> "" + auction.id)
        .toTable(table("items", Auction.class));
    items.join(sellers, auction -> "" + auction.seller, NexmarkQueries::localItem,
            table("local-items", LocalItem.class))
        .toStream()
        .to(bench.output, Produced.with(STRINGS, StreamsBench.json(LocalItem.class)));
  }

  void averagePrices() {
    Serde<Winner> winners = StreamsBench.json(Winner.class);
    KStream<String, Auction> open = auctions().selectKey((key, auction) -> "" + auction.id);
    bids().selectKey((key, bid) -> "" + bid.auction)
        .join(open, NexmarkQueries::inAuction,
            // The auction is up to its whole length earlier than the bid.
            JoinWindows.ofTimeDifferenceAndGrace(Duration.ZERO, GRACE).before(TEN_SECONDS),
            StreamJoined.<String, Bid, Auction>with(joined("bids"), joined("auctions"))
                .withName("in-time")
                .withKeySerde(STRINGS)
                .withValueSerde(StreamsBench.json(Bid.class))
                .withOtherValueSerde(StreamsBench.json(Auction.class)))
        .filter((auction, bid) -> bid.dateTime <= bid.expires)
        .groupByKey(Grouped.with(STRINGS, winners))
        .aggregate(Winner::new, (auction, bid, best) -> bid.price > best.price ? bid : best,
            table("winners", Winner.class))
        // Before its first bid an auction counts as the initial winner, which is in no category.
        .filter((auction, best) -> best.category >= 0)
        .groupBy((auction, best) -> KeyValue.pair("" + best.category, best.price),
            Grouped.with("by-category", STRINGS, Serdes.Long()))
        .aggregate(Sum::new, (category, price, sum) -> changed(sum, 1, price),
            (category, price, sum) -> changed(sum, -1, -price), table("averages", Sum.class))
        .toStream()
        .mapValues(sum -> sum.count == 0 ? null : (double) sum.total / sum.count)
        .to(bench.output, Produced.with(STRINGS, StreamsBench.json(Double.class)));
  }

  void hottestAuctions() {
    bids().map((key, bid) -> KeyValue.pair("" + bid.auction, new byte[0]))
        .groupByKey(Grouped.with("by-auction", STRINGS, StreamsBench.BYTES))
        .windowedBy(TimeWindows.ofSizeAndGrace(TEN_SECONDS, GRACE).advanceBy(Duration.ofSeconds(2)))
        .count(windows("bids", Serdes.Long()))
        .suppress(atEnd())
        .toStream()
        .map((window, count) -> KeyValue.pair(startOf(window), hot(window.key(), count)))
        .groupByKey(Grouped.with("by-window", STRINGS, StreamsBench.json(Hot.class)))
        .aggregate(() -> new Hot[0], (window, one, hottest) -> hottest(hottest, one),
            table("hottest", Hot[].class))
        .toStream()
        .to(bench.output, Produced.with(STRINGS, StreamsBench.json(Hot[].class)));
  }

  void highestBids() {
    Serde<Bid> values = StreamsBench.json(Bid.class);
    bids().groupBy((key, bid) -> "all", Grouped.with("all", STRINGS, values))
        .windowedBy(TimeWindows.ofSizeAndGrace(TEN_SECONDS, GRACE))
        .reduce((best, bid) -> bid.price > best.price ? bid : best, windows("highest", values))
        .suppress(atEnd())
        .toStream()
        .map((window, bid) -> KeyValue.pair(startOf(window), bid))
        .to(bench.output, Produced.with(STRINGS, values));
  }

  void newSellers() {
    Serde<NewSeller> values = StreamsBench.json(NewSeller.class);
    KGroupedStream<String, Person> came = persons().groupBy((key, person) -> "" + person.id,
        Grouped.with("persons", STRINGS, StreamsBench.json(Person.class)));
    KGroupedStream<String, Auction> opened = auctions().groupBy((key, auction) -> "" + auction.seller,
        Grouped.with("sellers", STRINGS, StreamsBench.json(Auction.class)));
    came.<NewSeller>cogroup((id, person, both) -> newSeller(person.name, both.auctions))
        .cogroup(opened, (id, auction, both) -> newSeller(both.name, both.auctions + 1))
        .windowedBy(TimeWindows.ofSizeAndGrace(TEN_SECONDS, GRACE))
        .aggregate(NewSeller::new, windows("new-sellers", values))
        .suppress(atEnd())
        .toStream()
        .filter((window, seller) -> seller.name != null && seller.auctions > 0)
        .map((window, seller) -> KeyValue.pair(window.key() + "@" + startOf(window), seller))
        .to(bench.output, Produced.with(STRINGS, values));
  }

  void bidderSessions() {
    Materialized<String, Long, SessionStore<Bytes, byte[]>> store = Materialized
        .<String, Long>as(bench.inMemory
            ? Stores.inMemorySessionStore("sessions", RETENTION)
            : Stores.persistentSessionStore("sessions", RETENTION))
        .withKeySerde(STRINGS)
        .withValueSerde(Serdes.Long());
    bids().map((key, bid) -> KeyValue.pair("" + bid.bidder, new byte[0]))
        .groupByKey(Grouped.with("by-bidder", STRINGS, StreamsBench.BYTES))
        .windowedBy(SessionWindows.ofInactivityGapAndGrace(TEN_SECONDS, GRACE))
        .count(store)
        .suppress(atEnd())
        .toStream()
        .map((session, count) -> KeyValue.pair(
            session.key() + "@" + startOf(session) + "-" + session.window().end(), count))
        .to(bench.output, Produced.with(STRINGS, StreamsBench.json(Long.class)));
  }

  // The cache, as large as all of them, makes it tell the last of each commit.
  void lastBids() {
    Serde<Bid> values = StreamsBench.json(Bid.class);
    bids().groupBy((key, bid) -> bid.bidder + "/" + bid.auction,
            Grouped.with("by-bidder", STRINGS, values))
        .reduce((before, bid) -> bid, table("last", Bid.class).withCachingEnabled())
        .toStream()
        .to(bench.output, Produced.with(STRINGS, values));
  }

  KStream<byte[], Event> events(String kind) {
    return bench.builder
        .stream(bench.topics.get("nexmark"),
            Consumed.with(StreamsBench.BYTES, StreamsBench.json(Event.class)))
        .filter((key, event) -> event.kind.equals(kind));
  }

  KStream<byte[], Bid> bids() {
    return events("bid").mapValues(event -> {
      Bid bid = new Bid();
      bid.kind = event.kind;
      bid.auction = event.auction;
      bid.bidder = event.bidder;
      bid.price = event.price;
      bid.channel = event.channel;
      bid.dateTime = event.dateTime;
      bid.extra = event.extra;
      return bid;
    });
  }

  KStream<byte[], Person> persons() {
    return events("person").mapValues(event -> {
      Person person = new Person();
      person.id = event.id;
      person.name = event.name;
      person.state = event.state;
      return person;
    });
  }

  KStream<byte[], Auction> auctions() {
    return events("auction").mapValues(event -> {
      Auction auction = new Auction();
      auction.id = event.id;
      auction.seller = event.seller;
      auction.category = event.category;
      auction.expires = event.expires;
      return auction;
    });
  }

  static OutBid copyOf(Bid bid) {
    OutBid out = new OutBid();
    out.auction = bid.auction;
    out.bidder = bid.bidder;
    out.price = bid.price;
    out.dateTime = bid.dateTime;
    out.extra = bid.extra;
    return out;
  }

  static EuroBid inEuros(Bid bid) {
    EuroBid out = new EuroBid();
    out.auction = bid.auction;
    out.bidder = bid.bidder;
    out.price = 0.908 * bid.price;
    out.dateTime = bid.dateTime;
    out.extra = bid.extra;
    return out;
  }

  static Price priceOf(Bid bid) {
    Price out = new Price();
    out.auction = bid.auction;
    out.price = bid.price;
    return out;
  }

  static LocalItem localItem(Auction auction, Person seller) {
    LocalItem item = new LocalItem();
    item.name = seller.name;
    item.state = seller.state;
    item.auction = auction.id;
    return item;
  }

  static Winner inAuction(Bid bid, Auction auction) {
    Winner winner = new Winner();
    winner.category = auction.category;
    winner.price = bid.price;
    winner.dateTime = bid.dateTime;
    winner.expires = auction.expires;
    return winner;
  }

  static Sum changed(Sum before, long count, long price) {
    Sum sum = new Sum();
    sum.count = before.count + count;
    sum.total = before.total + price;
    return sum;
  }

  static Hot hot(String auction, long bids) {
    Hot hot = new Hot();
    hot.auction = auction;
    hot.bids = bids;
    return hot;
  }

  static Hot[] hottest(Hot[] hottest, Hot one) {
    long most = hottest.length == 0 ? 0 : hottest[0].bids;
    if (one.bids < most) return hottest;
    Hot[] grown = one.bids > most ? new Hot[1] : Arrays.copyOf(hottest, hottest.length + 1);
    grown[grown.length - 1] = one;
    return grown;
  }

  static NewSeller newSeller(String name, long auctions) {
    NewSeller seller = new NewSeller();
    seller.name = name;
    seller.auctions = auctions;
    return seller;
  }

  static String startOf(Windowed<String> window) {
    return "" + window.window().start();
  }

  static Suppressed<Windowed<?>> atEnd() {
    return Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded());
  }

  static <V> Produced<byte[], V> out(Class<V> type) {
    return Produced.with(StreamsBench.BYTES, StreamsBench.json(type));
  }

  <V> Materialized<String, V, KeyValueStore<Bytes, byte[]>> table(String name, Class<V> type) {
    return Materialized.<String, V>as(bench.keyValue(name))
        .withKeySerde(STRINGS)
        .withValueSerde(StreamsBench.json(type))
        .withCachingDisabled();
  }

  <V> Materialized<String, V, WindowStore<Bytes, byte[]>> windows(String name, Serde<V> values) {
    return Materialized
        .<String, V>as(bench.windowStore(name, RETENTION, TEN_SECONDS, false))
        .withKeySerde(STRINGS)
        .withValueSerde(values)
        .withCachingDisabled();
  }

  WindowBytesStoreSupplier joined(String name) {
    return bench.windowStore(name, RETENTION, TEN_SECONDS, true);
  }
}
