// Runs Kafka Streams topologies in its TopologyTestDriver, for benchmarks/parity/main.ts. One command a line:
//   begin NAME          a new driver with that topology
//   in TOPIC KEY VALUE TIMESTAMP      bytes in hexadecimal, `-` for null
//   end
// and answers with `out TOPIC KEY VALUE TIMESTAMP` for each record that came of one, then `done`.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

public class ParityDriver {
  static final HexFormat HEX = HexFormat.of();
  static final ByteArraySerializer IN = new ByteArraySerializer();
  static final ByteArrayDeserializer OUT = new ByteArrayDeserializer();

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    TopologyTestDriver driver = null;
    Map<String, TestInputTopic<byte[], byte[]>> inputs = new LinkedHashMap<>();
    int run = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "begin" -> {
          driver = new TopologyTestDriver(ParityTopologies.named(words[1]), config(run++), Instant.EPOCH);
          inputs.clear();
        }
        case "in" -> {
          TopologyTestDriver now = driver;
          TestInputTopic<byte[], byte[]> topic =
              inputs.computeIfAbsent(words[1], name -> now.createInputTopic(name, IN, IN));
          topic.pipeInput(new TestRecord<>(bytes(words[2]), bytes(words[3]), Instant.ofEpochMilli(Long.parseLong(words[4]))));
          for (String name : now.producedTopicNames().stream().filter(ParityTopologies.OUTPUTS::contains).sorted().toList()) {
            var output = now.createOutputTopic(name, OUT, OUT);
            while (!output.isEmpty()) print(out, name, output.readRecord());
          }
          out.println("done");
        }
        case "end" -> driver.close();
        default -> throw new IllegalArgumentException(line);
      }
      out.flush();
    }
  }

  static Properties config(int run) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "parity-" + run);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:9092");
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // Each update goes out; with a cache, what goes out depends on its size.
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    config.put(
        StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
        org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    // Final results of windows and outer joins go out with the record that closes them.
    config.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
    config.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_OUTER_JOIN_SPURIOUS_RESULTS_FIX, 0L);
    return config;
  }

  static byte[] bytes(String word) {
    return word.equals("-") ? null : HEX.parseHex(word.substring(1));
  }

  static void print(PrintStream out, String topic, TestRecord<byte[], byte[]> record) {
    out.println("out " + topic + ' ' + text(record.key()) + ' ' + text(record.value()) + ' ' + record.timestamp());
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : 'x' + HEX.formatHex(bytes);
  }
}
