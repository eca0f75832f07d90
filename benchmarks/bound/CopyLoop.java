// The limit to compare with: Apache Kafka's own Java client in a bare consume → produce loop, exactly once (KIP-447),
// one transaction per commit interval, records passed through as bytes.
// java -cp 'LIBS/*' CopyLoop.java BOOTSTRAP INPUT OUTPUT GROUP COMMIT_MS
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class CopyLoop {
  public static void main(String[] args) {
    String input = args[1];
    String output = args[2];
    long commitMs = Long.parseLong(args[4]);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(args[0], args[3]);
        KafkaProducer<byte[], byte[]> producer = producer(args[0], args[3])) {
      producer.initTransactions();
      consumer.subscribe(List.of(input));
      boolean open = false;
      long due = 0;
      Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(20));
        if (!records.isEmpty() && !open) {
          producer.beginTransaction();
          open = true;
          due = System.nanoTime() + commitMs * 1_000_000;
        }
        for (TopicPartition partition : records.partitions()) {
          List<ConsumerRecord<byte[], byte[]>> batch = records.records(partition);
          for (ConsumerRecord<byte[], byte[]> record : batch) {
            producer.send(new ProducerRecord<>(
                output, partition.partition(), record.timestamp(), record.key(), record.value()));
          }
          positions.put(partition, new OffsetAndMetadata(batch.get(batch.size() - 1).offset() + 1));
        }
        if (open && System.nanoTime() >= due) {
          producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
          producer.commitTransaction();
          positions.clear();
          open = false;
        }
      }
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String brokers, String group) {
    Properties config = new Properties();
    config.put("bootstrap.servers", brokers);
    config.put("group.id", group);
    config.put("enable.auto.commit", "false");
    config.put("auto.offset.reset", "earliest");
    config.put("isolation.level", "read_committed");
    config.put("max.poll.records", "10000");
    config.put("fetch.max.bytes", "16777216");
    config.put("max.partition.fetch.bytes", "4194304");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> producer(String brokers, String id) {
    Properties config = new Properties();
    config.put("bootstrap.servers", brokers);
    config.put("transactional.id", id);
    config.put("linger.ms", "5");
    config.put("batch.size", "262144");
    config.put("buffer.memory", "67108864");
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
