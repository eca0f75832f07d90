// The consumers of the workload `shuffle`, as benchmarks/subjects/topologies/shuffle.ts has them.
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

class ShuffleConsumer implements FixedKeyProcessor<String, byte[], byte[]> {
  static final int ATTRIBUTES_OF_CONSUMER = 5;
  static final int RECORDS_OF_EVENT = 10;

  final String storeName;
  FixedKeyProcessorContext<String, byte[]> context;
  KeyValueStore<String, byte[]> store;

  ShuffleConsumer(String storeName) {
    this.storeName = storeName;
  }

  static boolean isWanted(byte[] value) {
    return ByteBuffer.wrap(value).getInt() % ATTRIBUTES_OF_CONSUMER == 0;
  }

  static String of(byte[] value) {
    String number = Integer.toString(ByteBuffer.wrap(value).getInt() / ATTRIBUTES_OF_CONSUMER);
    return "k" + "0".repeat(7 - number.length()) + number;
  }

  static FixedKeyProcessorSupplier<String, byte[], byte[]> supplier(KeyValueBytesStoreSupplier store) {
    StoreBuilder<KeyValueStore<String, byte[]>> builder =
        Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.ByteArray());
    return new FixedKeyProcessorSupplier<>() {
      @Override
      public FixedKeyProcessor<String, byte[], byte[]> get() {
        return new ShuffleConsumer(store.name());
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(builder);
      }
    };
  }

  @Override
  public void init(FixedKeyProcessorContext<String, byte[]> context) {
    this.context = context;
    store = context.getStateStore(storeName);
  }

  // Count, sum, first and last time as doubles.
  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    byte[] before = store.get(record.key());
    ByteBuffer old = before == null ? null : ByteBuffer.wrap(before);
    double count = old == null ? 1 : old.getDouble(0) + 1;
    ByteBuffer state = ByteBuffer.allocate(32)
        .putDouble(count)
        .putDouble((old == null ? 0 : old.getDouble(8)) + ByteBuffer.wrap(record.value()).getInt(4))
        .putDouble(old == null ? record.timestamp() : old.getDouble(16))
        .putDouble(record.timestamp());
    store.put(record.key(), count < RECORDS_OF_EVENT ? state.array() : null);
    if (count == RECORDS_OF_EVENT) context.forward(record.withValue(state.array()));
  }
}
