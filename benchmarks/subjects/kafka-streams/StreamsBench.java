// Kafka Streams under measurement, exactly once. Started by benchmarks/subjects/kafka-streams.ts:
// StreamsBench WORKLOAD BROKERS APPLICATION OUTPUT THREADS STORE COMMIT_MS STATE_DIR NAME=VALUE…
// where a name is `topic.ROLE` or a property of Kafka Streams.
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

public class StreamsBench {
  static final Duration WINDOW = Duration.ofSeconds(10);
  static final Duration GRACE = Duration.ofSeconds(5);
  static final Duration WITHIN = Duration.ofSeconds(5);
  static final Serde<byte[]> BYTES = Serdes.ByteArray();
  static final ObjectMapper MAPPER = new ObjectMapper();

  final StreamsBuilder builder = new StreamsBuilder();
  final Map<String, String> topics = new TreeMap<>();
  final Properties config = new Properties();
  final String output;
  final boolean inMemory;

  public static class Event {
    public long id;
    public String user;
    public int amount;
    public String note;
  }

  public static class Customer {
    public String name;
    public int tier;
  }

  public static class Priced {
    public long id;
    public int amount;
    public int tier;
  }

  public static class Side {
    public long id;
    public int amount;
  }

  public static class Both {
    public long left;
    public long right;
    public int amount;
  }

  public static void main(String[] args) {
    StreamsBench bench = new StreamsBench(args);
    bench.build(args[0]);
    KafkaStreams streams = new KafkaStreams(bench.builder.build(bench.config), bench.config);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
      return null;
    });
    streams.start();
  }

  StreamsBench(String[] args) {
    output = args[3];
    inMemory = args[5].equals("memory");
    config.put("bootstrap.servers", args[1]);
    config.put("application.id", args[2]);
    config.put("num.stream.threads", args[4]);
    config.put("commit.interval.ms", args[6]);
    config.put("state.dir", args[7]);
    config.put("processing.guarantee", "exactly_once_v2");
    for (int i = 8; i < args.length; i++) {
      String[] setting = args[i].split("=", 2);
      if (setting[0].startsWith("topic.")) topics.put(setting[0].substring(6), setting[1]);
      else config.put(setting[0], setting[1]);
    }
  }

  void build(String workload) {
    switch (workload) {
      case "forward" -> events(BYTES).to(output, Produced.with(BYTES, BYTES));
      case "passthrough" -> passthrough();
      case "count", "count-at-commit" -> count(workload.equals("count-at-commit"));
      case "windows" -> windows();
      case "table-join" -> tableJoin();
      case "stream-join" -> streamJoin();
      case "shuffle" -> shuffle();
      default -> new NexmarkQueries(this).build(workload.replace("nexmark-", ""));
    }
  }

  <V> KStream<byte[], V> events(Serde<V> values) {
    return builder.stream(topics.get("events"), Consumed.with(BYTES, values));
  }

  void passthrough() {
    Serde<Event> json = json(Event.class);
    events(json)
        .filter((key, event) -> event.amount >= 1000)
        .mapValues(event -> {
          event.amount *= 2;
          return event;
        })
        .to(output, Produced.with(BYTES, json));
  }

  void count(boolean atCommit) {
    Materialized<byte[], Long, org.apache.kafka.streams.state.KeyValueStore<Bytes, byte[]>> store =
        Materialized.<byte[], Long>as(keyValue("counts"))
            .withKeySerde(BYTES)
            .withValueSerde(Serdes.Long());
    events(BYTES)
        .groupByKey(Grouped.with(BYTES, BYTES))
        .count(atCommit ? store.withCachingEnabled() : store.withCachingDisabled())
        .toStream()
        .to(output, Produced.with(BYTES, Serdes.Long()));
  }

  // Only an empty value goes through the repartition topic: the count needs no more, and parsing the event again would cost.
  void windows() {
    byte[] nothing = new byte[0];
    WindowBytesStoreSupplier store = windowStore("windows", WINDOW.plus(GRACE), WINDOW, false);
    events(json(Event.class))
        .map((key, event) -> KeyValue.pair(event.user, nothing))
        .groupByKey(Grouped.with("by-user", Serdes.String(), BYTES))
        .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, GRACE))
        .count(Materialized.<String, Long>as(store)
            .withKeySerde(Serdes.String())
            .withValueSerde(Serdes.Long())
            .withCachingDisabled())
        .toStream()
        .to(output, Produced.with(
            WindowedSerdes.timeWindowedSerdeFrom(String.class, WINDOW.toMillis()), Serdes.Long()));
  }

  void tableJoin() {
    Serde<Event> json = json(Event.class);
    Serde<Customer> customers = json(Customer.class);
    KTable<byte[], Customer> table = builder.table(
        topics.get("table"),
        Consumed.with(BYTES, customers),
        Materialized.<byte[], Customer>as(keyValue("customers"))
            .withKeySerde(BYTES)
            .withValueSerde(customers)
            .withCachingDisabled());
    events(json)
        .join(table, StreamsBench::priced, Joined.with(BYTES, json, customers))
        .to(output, Produced.with(BYTES, json(Priced.class)));
  }

  static Priced priced(Event event, Customer customer) {
    Priced priced = new Priced();
    priced.id = event.id;
    priced.amount = event.amount;
    priced.tier = customer.tier;
    return priced;
  }

  void streamJoin() {
    Serde<Side> json = json(Side.class);
    Duration size = WITHIN.multipliedBy(2);
    Duration retention = size.plus(GRACE);
    KStream<byte[], Side> left =
        builder.stream(topics.get("left"), Consumed.with(BYTES, json));
    KStream<byte[], Side> right =
        builder.stream(topics.get("right"), Consumed.with(BYTES, json));
    StreamJoined<byte[], Side, Side> stores = StreamJoined.<byte[], Side, Side>with(
            windowStore("left", retention, size, true), windowStore("right", retention, size, true))
        .withKeySerde(BYTES)
        .withValueSerde(json)
        .withOtherValueSerde(json);
    left.join(right, StreamsBench::both, JoinWindows.ofTimeDifferenceAndGrace(WITHIN, GRACE), stores)
        .to(output, Produced.with(BYTES, json(Both.class)));
  }

  static Both both(Side left, Side right) {
    Both both = new Both();
    both.left = left.id;
    both.right = right.id;
    both.amount = left.amount + right.amount;
    return both;
  }

  void shuffle() {
    builder.stream(topics.get("records"), Consumed.with(BYTES, BYTES))
        .filter((key, value) -> ShuffleConsumer.isWanted(value))
        .selectKey((key, value) -> ShuffleConsumer.of(value))
        .repartition(Repartitioned.with(Serdes.String(), BYTES).withName("by-consumer"))
        .processValues(ShuffleConsumer.supplier(keyValue("consumers")))
        .to(output, Produced.with(Serdes.String(), BYTES));
  }

  WindowBytesStoreSupplier windowStore(
      String name, Duration retention, Duration size, boolean duplicates) {
    return inMemory
        ? Stores.inMemoryWindowStore(name, retention, size, duplicates)
        : Stores.persistentWindowStore(name, retention, size, duplicates);
  }

  KeyValueBytesStoreSupplier keyValue(String name) {
    return inMemory ? Stores.inMemoryKeyValueStore(name) : Stores.persistentKeyValueStore(name);
  }

  // Readers and writers made once for their type: Jackson's fastest way to plain objects.
  static <T> Serde<T> json(Class<T> type) {
    ObjectReader reader =
        MAPPER.readerFor(type).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    ObjectWriter writer = MAPPER.writerFor(type);
    return Serdes.serdeFrom(
        (topic, value) -> {
          try {
            return value == null ? null : writer.writeValueAsBytes(value);
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        },
        (topic, bytes) -> {
          try {
            return bytes == null ? null : reader.readValue(bytes);
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        });
  }
}
