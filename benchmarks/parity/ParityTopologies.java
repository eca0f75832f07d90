// The twins of benchmarks/parity/twins: topologies of the same names that should do the same. They read the topics `a` and
// `b` and write `out` (and `other`); keys and values are strings unless said otherwise.
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.state.Stores;

class ParityTopologies {
  static final Set<String> OUTPUTS = Set.of("out", "other");
  static final Serde<String> STRING = Serdes.String();
  static final Serde<Long> LONG = Serdes.Long();
  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration NONE = Duration.ZERO;
  static final Map<String, Consumer<StreamsBuilder>> ALL = new TreeMap<>();

  static Topology named(String name) {
    StreamsBuilder builder = new StreamsBuilder();
    ALL.get(name).accept(builder);
    return builder.build();
  }

  static KStream<String, String> stream(StreamsBuilder b, String topic) {
    return b.stream(topic);
  }

  static KTable<String, String> table(StreamsBuilder b, String topic) {
    return b.table(topic);
  }

  static Duration seconds(double seconds) {
    return Duration.ofMillis((long) (seconds * 1000));
  }

  /** The sum of all characters: a number that depends on the text. */
  static int weight(String text) {
    return text.chars().sum();
  }

  static String first(String text) {
    return text.isEmpty() ? null : text.substring(0, 1);
  }

  static String both(String left, String right) {
    return left + "+" + right;
  }

  static <K> Materialized<K, Long, org.apache.kafka.streams.state.KeyValueStore<org.apache.kafka.common.utils.Bytes, byte[]>> longs(Serde<K> key) {
    return Materialized.with(key, LONG);
  }

  static final Serde<Windowed<String>> WINDOWED = WindowedSerdes.timeWindowedSerdeFrom(String.class, 4000);
  static final Serde<Windowed<String>> SLIDING = WindowedSerdes.timeWindowedSerdeFrom(String.class, 2000);
  static final Serde<Windowed<String>> SESSION = WindowedSerdes.sessionWindowedSerdeFrom(String.class);

  static TimeWindows tumbling(double grace) {
    return TimeWindows.ofSizeAndGrace(seconds(4), seconds(grace));
  }

  static void out(KStream<String, String> stream) {
    stream.to("out");
  }

  static void windows(KTable<Windowed<String>, Long> counts) {
    counts.toStream().to("out", Produced.with(WINDOWED, LONG));
  }

  static void texts(KTable<Windowed<String>, String> folded) {
    folded.toStream().to("out", Produced.with(WINDOWED, STRING));
  }

  static void sessions(KTable<Windowed<String>, Long> counts) {
    counts.toStream().to("out", Produced.with(SESSION, LONG));
  }

  /** With less retention, a jump in event time drops windows before their final results are told. */
  static Materialized<String, Long, org.apache.kafka.streams.state.WindowStore<org.apache.kafka.common.utils.Bytes, byte[]>> kept() {
    return Materialized.<String, Long, org.apache.kafka.streams.state.WindowStore<org.apache.kafka.common.utils.Bytes, byte[]>>with(STRING, LONG)
        .withRetention(Duration.ofHours(5));
  }

  static KTable<String, String> versioned(StreamsBuilder b, String topic) {
    return b.table(topic, Materialized.as(Stores.persistentVersionedKeyValueStore("versioned-" + topic, Duration.ofHours(1))));
  }

  static Joined<String, String, String> waiting() {
    return Joined.with(STRING, STRING, STRING, "waiting", seconds(2));
  }

  static StreamJoined<String, String, String> joined() {
    return StreamJoined.with(STRING, STRING, STRING);
  }

  static {
    // Stateless.
    ALL.put("map", b -> out(stream(b, "a").filter((k, v) -> v != null).map((k, v) -> KeyValue.pair(v, k))));
    ALL.put("map-values", b -> out(stream(b, "a").mapValues(v -> v == null ? null : v + "!")));
    ALL.put("filter", b -> out(stream(b, "a").filter((k, v) -> v != null && weight(v) % 2 == 0)));
    ALL.put("filter-not", b -> out(stream(b, "a").filterNot((k, v) -> k == null)));
    ALL.put("flat-map", b -> out(stream(b, "a").filter((k, v) -> v != null)
        .flatMap((k, v) -> List.of(KeyValue.pair(k, v), KeyValue.pair(v, k)))));
    ALL.put("flat-map-values", b -> out(stream(b, "a").flatMapValues(v -> v == null ? List.of() : Arrays.asList(v.split("")))));
    ALL.put("select-key", b -> out(stream(b, "a").filter((k, v) -> v != null).selectKey((k, v) -> first(v))));
    ALL.put("merge", b -> out(stream(b, "a").merge(stream(b, "b"))));
    ALL.put("split", b -> {
      Map<String, KStream<String, String>> branches = stream(b, "a").split(Named.as("s-"))
          .branch((k, v) -> v != null && weight(v) % 3 == 0, Branched.as("three"))
          .branch((k, v) -> v != null && weight(v) % 2 == 0, Branched.as("two"))
          .defaultBranch(Branched.as("rest"));
      out(branches.get("s-three"));
      branches.get("s-two").mapValues(v -> v + "2").to("out");
      branches.get("s-rest").to("other");
    });
    ALL.put("choose-topic", b -> stream(b, "a").to((k, v, context) -> v != null && weight(v) % 2 == 0 ? "out" : "other"));
    ALL.put("repartition", b -> out(stream(b, "a").filter((k, v) -> v != null).selectKey((k, v) -> v).repartition(Repartitioned.as("r"))));

    // Aggregations.
    ALL.put("count", b -> stream(b, "a").groupByKey().count().toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("reduce", b -> stream(b, "a").groupByKey().reduce((x, y) -> x.length() > 12 ? y : x + y).toStream().to("out"));
    ALL.put("aggregate", b -> stream(b, "a").groupByKey()
        .aggregate(() -> "", (k, v, sum) -> weight(v) % 7 == 0 ? null : k + v + sum.length()).toStream().to("out"));
    ALL.put("rekey-count", b -> stream(b, "a").filter((k, v) -> v != null).groupBy((k, v) -> first(v)).count()
        .toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("two-counts", b -> stream(b, "a").groupByKey().count().toStream()
        .map((k, n) -> KeyValue.pair("n" + n, k)).groupByKey(Grouped.with(STRING, STRING)).count()
        .toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("to-table", b -> out(stream(b, "a").toTable().toStream()));

    // Windows.
    ALL.put("tumbling-count", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(0)).count()));
    ALL.put("tumbling-grace", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(3)).count()));
    ALL.put("tumbling-reduce", b -> texts(stream(b, "a").groupByKey().windowedBy(tumbling(2)).reduce(ParityTopologies::both)));
    ALL.put("tumbling-aggregate", b -> texts(stream(b, "a").groupByKey().windowedBy(tumbling(2))
        .aggregate(() -> "", (k, v, sum) -> sum + first(v + "?"))));
    ALL.put("hopping-count", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(0).advanceBy(seconds(1.5))).count()));
    ALL.put("hopping-reduce", b -> texts(stream(b, "a").groupByKey().windowedBy(tumbling(2).advanceBy(seconds(1))).reduce(ParityTopologies::both)));
    ALL.put("tumbling-final", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(1)).emitStrategy(EmitStrategy.onWindowClose()).count(kept())));
    ALL.put("hopping-final", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(1).advanceBy(seconds(2)))
        .emitStrategy(EmitStrategy.onWindowClose()).count(kept())));
    ALL.put("tumbling-suppressed", b -> windows(stream(b, "a").groupByKey().windowedBy(tumbling(1)).count(Materialized.with(STRING, LONG))
        .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()))));
    ALL.put("session-count", b -> sessions(stream(b, "a").groupByKey().windowedBy(SessionWindows.ofInactivityGapWithNoGrace(seconds(1))).count()));
    ALL.put("session-grace", b -> sessions(stream(b, "a").groupByKey().windowedBy(SessionWindows.ofInactivityGapAndGrace(seconds(1), seconds(3))).count()));
    ALL.put("session-aggregate", b -> stream(b, "a").groupByKey().windowedBy(SessionWindows.ofInactivityGapAndGrace(seconds(1), seconds(3)))
        .aggregate(() -> "", (k, v, sum) -> sum + first(v + "?"), (k, x, y) -> x.isEmpty() ? y : x + "|" + y)
        .toStream().to("out", Produced.with(SESSION, STRING)));
    ALL.put("session-final", b -> sessions(stream(b, "a").groupByKey().windowedBy(SessionWindows.ofInactivityGapAndGrace(seconds(1), seconds(2)))
        .emitStrategy(EmitStrategy.onWindowClose())
        .count(Materialized.<String, Long, org.apache.kafka.streams.state.SessionStore<org.apache.kafka.common.utils.Bytes, byte[]>>with(STRING, LONG)
            .withRetention(Duration.ofHours(5)))));
    ALL.put("sliding-count", b -> stream(b, "a").groupByKey().windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(seconds(2), seconds(3))).count()
        .toStream().to("out", Produced.with(SLIDING, LONG)));
    ALL.put("sliding-aggregate", b -> texts(stream(b, "a").groupByKey().windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(seconds(2), seconds(3)))
        .aggregate(() -> "", (k, v, sum) -> sum + first(v + "?"))));
    ALL.put("suppress-time", b -> stream(b, "a").groupByKey().count(Materialized.with(STRING, LONG))
        .suppress(Suppressed.untilTimeLimit(seconds(3), BufferConfig.unbounded())).toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("cogroup", b -> stream(b, "a").groupByKey().<String>cogroup((k, v, sum) -> sum + "a" + first(v + "?"))
        .cogroup(stream(b, "b").groupByKey(), (k, v, sum) -> sum + "b" + first(v + "?"))
        .aggregate(() -> "", Materialized.with(STRING, STRING)).toStream().to("out"));

    // Tables.
    ALL.put("table", b -> out(table(b, "a").toStream()));
    ALL.put("table-filter", b -> out(table(b, "a").filter((k, v) -> weight(v) % 2 == 0).toStream()));
    ALL.put("table-filter-not", b -> out(table(b, "a").filterNot((k, v) -> weight(v) % 3 == 0).toStream()));
    ALL.put("table-filter-stored", b -> out(table(b, "a").filter((k, v) -> weight(v) % 2 == 0, Materialized.as("s")).toStream()));
    ALL.put("table-map-values", b -> out(table(b, "a").mapValues(v -> v + "!").toStream()));
    ALL.put("table-group-count", b -> table(b, "a").groupBy((k, v) -> KeyValue.pair(first(v), v)).count()
        .toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("table-group-aggregate", b -> table(b, "a").groupBy((k, v) -> KeyValue.pair(first(v), v))
        .aggregate(() -> 0L, (k, v, sum) -> sum + weight(v), (k, v, sum) -> sum - weight(v), longs(STRING))
        .toStream().to("out", Produced.with(STRING, LONG)));
    ALL.put("table-group-reduce", b -> table(b, "a").groupBy((k, v) -> KeyValue.pair(first(v), v))
        .reduce((sum, v) -> sum + v, (sum, v) -> sum.replaceFirst(java.util.regex.Pattern.quote(v), "")).toStream().to("out"));
    ALL.put("table-join", b -> out(table(b, "a").join(table(b, "b"), ParityTopologies::both).toStream()));
    ALL.put("table-left-join", b -> out(table(b, "a").leftJoin(table(b, "b"), ParityTopologies::both).toStream()));
    ALL.put("table-outer-join", b -> out(table(b, "a").outerJoin(table(b, "b"), ParityTopologies::both).toStream()));
    ALL.put("table-join-chain", b -> {
      KTable<String, String> joined = table(b, "a").join(table(b, "b"), ParityTopologies::both);
      out(joined.leftJoin(table(b, "c"), ParityTopologies::both).toStream());
    });
    ALL.put("foreign-key-join", b -> out(table(b, "a").join(table(b, "b"), ParityTopologies::first, ParityTopologies::both).toStream()));
    ALL.put("foreign-key-left-join", b -> out(table(b, "a").leftJoin(table(b, "b"), ParityTopologies::first, ParityTopologies::both).toStream()));

    // Joins of streams.
    ALL.put("stream-table-join", b -> out(stream(b, "a").join(table(b, "b"), ParityTopologies::both)));
    ALL.put("stream-table-left-join", b -> out(stream(b, "a").leftJoin(table(b, "b"), ParityTopologies::both)));
    ALL.put("stream-versioned-join", b -> out(stream(b, "a").join(versioned(b, "b"), ParityTopologies::both)));
    ALL.put("stream-table-join-grace", b -> out(stream(b, "a").join(versioned(b, "b"), ParityTopologies::both, waiting())));
    ALL.put("stream-table-left-join-grace", b -> out(stream(b, "a").leftJoin(versioned(b, "b"), ParityTopologies::both, waiting())));
    ALL.put("stream-global-join", b -> out(stream(b, "a").join(b.globalTable("b", Consumed.with(STRING, STRING)), (k, v) -> v == null ? null : first(v), ParityTopologies::both)));
    ALL.put("stream-join", b -> out(stream(b, "a").join(stream(b, "b"), ParityTopologies::both,
        JoinWindows.ofTimeDifferenceAndGrace(seconds(2), seconds(1)), joined())));
    ALL.put("stream-join-asymmetric", b -> out(stream(b, "a").join(stream(b, "b"), ParityTopologies::both,
        JoinWindows.ofTimeDifferenceAndGrace(NONE, seconds(1)).before(seconds(3)).after(seconds(1)), joined())));
    ALL.put("stream-left-join", b -> out(stream(b, "a").leftJoin(stream(b, "b"), ParityTopologies::both,
        JoinWindows.ofTimeDifferenceAndGrace(seconds(2), seconds(1)), joined())));
    ALL.put("stream-outer-join", b -> out(stream(b, "a").outerJoin(stream(b, "b"), ParityTopologies::both,
        JoinWindows.ofTimeDifferenceAndGrace(seconds(2), seconds(1)), joined())));
    ALL.put("self-join", b -> {
      KStream<String, String> a = stream(b, "a");
      out(a.join(a, ParityTopologies::both, JoinWindows.ofTimeDifferenceAndGrace(seconds(1), seconds(1)), joined()));
    });
  }
}
