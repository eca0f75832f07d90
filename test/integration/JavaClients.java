import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.*;

/** Apache Kafka's own clients against a broker; every line on standard output is one fact. */
public class JavaClients {
  static String brokers;

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      topics(admin);
      idempotent();
      transactions(admin);
      group(admin);
    }
  }

  static void say(String fact) {
    System.out.println(fact);
  }

  static void topics(Admin admin) throws Exception {
    admin.createTopics(List.of(
        new NewTopic("plain", 2, (short) 1),
        new NewTopic("input", 4, (short) 1),
        new NewTopic("output", 4, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
    say("nodes " + admin.describeCluster().nodes().get().size());
    say("partitions " + admin.describeTopics(List.of("input")).allTopicNames().get().get("input").partitions().size());
    ConfigResource output = new ConfigResource(ConfigResource.Type.TOPIC, "output");
    admin.incrementalAlterConfigs(Map.of(output, List.of(
        new AlterConfigOp(new ConfigEntry("max.message.bytes", "2000000"), AlterConfigOp.OpType.SET)))).all().get();
    Config config = admin.describeConfigs(List.of(output)).all().get().get(output);
    say("config " + config.get("cleanup.policy").value() + " " + config.get("max.message.bytes").value());
    admin.createPartitions(Map.of("plain", NewPartitions.increaseTo(3))).all().get();
    say("grown " + admin.describeTopics(List.of("plain")).allTopicNames().get().get("plain").partitions().size());
  }

  static Map<String, Object> producerConfig(String transactionalId) {
    Map<String, Object> config = new HashMap<>(Map.of(
        "bootstrap.servers", brokers,
        "key.serializer", StringSerializer.class,
        "value.serializer", StringSerializer.class,
        "compression.type", "lz4",
        "linger.ms", 1));
    if (transactionalId != null) config.put("transactional.id", transactionalId);
    return config;
  }

  static Map<String, Object> consumerConfig(String group, String isolation) {
    return new HashMap<>(Map.of(
        "bootstrap.servers", brokers,
        "group.id", group,
        "key.deserializer", StringDeserializer.class,
        "value.deserializer", StringDeserializer.class,
        "auto.offset.reset", "earliest",
        "enable.auto.commit", false,
        "isolation.level", isolation,
        "heartbeat.interval.ms", 200,
        "session.timeout.ms", 6000,
        "partition.assignment.strategy", CooperativeStickyAssignor.class.getName()));
  }

  static void idempotent() throws Exception {
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerConfig(null))) {
      long last = -1;
      for (int i = 0; i < 1000; i++) producer.send(new ProducerRecord<>("plain", 0, "k", "v" + i));
      last = producer.send(new ProducerRecord<>("plain", 0, "k", "last")).get().offset();
      say("idempotent last offset " + last);
    }
  }

  /** Copies input to output in transactions with their positions, every third one aborted first. */
  static void transactions(Admin admin) throws Exception {
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerConfig(null))) {
      for (int i = 0; i < 400; i++) producer.send(new ProducerRecord<>("input", i % 4, "k" + i, "v" + i));
    }
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerConfig("copy"));
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumerConfig("copy", "read_committed"))) {
      producer.initTransactions();
      consumer.subscribe(List.of("input"));
      int copied = 0;
      int transactions = 0;
      while (copied < 400) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
        if (records.isEmpty()) continue;
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        if (transactions++ % 3 == 0) {
          producer.beginTransaction();
          for (ConsumerRecord<String, String> r : records) {
            producer.send(new ProducerRecord<>("output", r.partition(), r.key(), "aborted"));
          }
          producer.flush();
          producer.abortTransaction();
        }
        producer.beginTransaction();
        for (ConsumerRecord<String, String> r : records) {
          producer.send(new ProducerRecord<>("output", r.partition(), r.key(), r.value()));
          positions.put(new TopicPartition("input", r.partition()), new OffsetAndMetadata(r.offset() + 1, "m"));
          copied++;
        }
        producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
        producer.commitTransaction();
      }
      say("copied " + copied);
      KafkaProducer<String, String> successor = new KafkaProducer<>(producerConfig("copy"));
      successor.initTransactions();
      try {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("output", "k", "zombie"));
        producer.commitTransaction();
        say("zombie wrote");
      } catch (ProducerFencedException | org.apache.kafka.common.errors.InvalidProducerEpochException e) {
        say("zombie fenced");
      } catch (KafkaException e) {
        say("zombie fenced");
      }
      successor.close();
    }
    long sum = 0;
    for (OffsetAndMetadata position :
        admin.listConsumerGroupOffsets("copy").partitionsToOffsetAndMetadata().get().values()) sum += position.offset();
    say("positions " + sum);
    say("open transactions " + admin.listTransactions(new ListTransactionsOptions()
        .filterStates(Set.of(TransactionState.ONGOING))).all().get().size());
    say("committed " + read("read_committed").size() + " distinct " + new HashSet<>(read("read_committed")).size());
    say("aborted seen " + read("read_committed").stream().filter("aborted"::equals).count());
    say("uncommitted sees more " + (read("read_uncommitted").size() > 400));
  }

  static List<String> read(String isolation) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumerConfig("reader", isolation))) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < 4; i++) partitions.add(new TopicPartition("output", i));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<String, String> r : consumer.poll(Duration.ofMillis(100))) values.add(r.value());
      }
    }
    return values;
  }

  /** A second member joins, takes over a part without a stop of the first, and leaves again. */
  static void group(Admin admin) throws Exception {
    Map<String, Set<TopicPartition>> owned = new ConcurrentHashMap<>();
    AtomicBoolean stop = new AtomicBoolean();
    Thread first = member("one", owned, stop);
    await(() -> owned.getOrDefault("one", Set.of()).size() == 4);
    AtomicBoolean stopSecond = new AtomicBoolean();
    Thread second = member("two", owned, stopSecond);
    await(() -> owned.getOrDefault("one", Set.of()).size() == 2 && owned.getOrDefault("two", Set.of()).size() == 2);
    ConsumerGroupDescription description = admin.describeConsumerGroups(List.of("shared")).all().get().get("shared");
    say("members " + description.members().size() + " " + description.groupState());
    stopSecond.set(true);
    second.join();
    await(() -> owned.getOrDefault("one", Set.of()).size() == 4);
    say("taken over " + owned.get("one").size());
    stop.set(true);
    first.join();
    say("groups " + admin.listGroups().all().get().size());
    admin.deleteConsumerGroups(List.of("shared")).all().get();
    Map<TopicPartition, RecordsToDelete> purge = Map.of(new TopicPartition("plain", 0), RecordsToDelete.beforeOffset(500));
    say("purged to " + admin.deleteRecords(purge).lowWatermarks().values().iterator().next().get().lowWatermark());
    TopicPartition plain = new TopicPartition("plain", 0);
    say("earliest " + admin.listOffsets(Map.of(plain, OffsetSpec.earliest())).partitionResult(plain).get().offset());
    admin.deleteTopics(List.of("plain")).all().get();
    say("topics " + new TreeSet<>(admin.listTopics().names().get()));
  }

  static Thread member(String name, Map<String, Set<TopicPartition>> owned, AtomicBoolean stop) {
    Thread thread = new Thread(() -> {
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumerConfig("shared", "read_committed"))) {
        consumer.subscribe(List.of("input"));
        while (!stop.get()) {
          consumer.poll(Duration.ofMillis(50));
          owned.put(name, consumer.assignment());
        }
      }
      owned.remove(name);
    });
    thread.start();
    return thread;
  }

  interface Condition {
    boolean holds();
  }

  static void await(Condition condition) throws InterruptedException {
    long end = System.currentTimeMillis() + 20_000;
    while (!condition.holds()) {
      if (System.currentTimeMillis() > end) throw new IllegalStateException("not within 20 s");
      Thread.sleep(20);
    }
  }
}
