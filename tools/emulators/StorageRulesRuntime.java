import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.firebase.rules.lang.CompileResult;
import com.google.firebase.rules.lang.FirebaseRulesProtoCompiler;
import com.google.firebase.rules.runtime.common.Evaluator;
import com.google.firebase.rules.runtime.evaluators.AuthRuleEvaluator;
import com.google.firebase.rules.runtime.impl.DefaultEvaluator;
import com.google.firebase.rules.runtime.v1.ExpressionPathSegmentValue;
import com.google.firebase.rules.runtime.v1.ExpressionPathValue;
import com.google.firebase.rules.runtime.v1.ExpressionValue;
import com.google.firebase.rules.runtime.v1.RulesetAst;
import com.google.firebase.rules.v1.File;
import com.google.firebase.rules.v1.Issue;
import com.google.firebase.rules.v1.Source;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Evaluates storage.rules for the Storage emulator where firebase-tools cannot download its own.
 *
 * <p>The compiler and the evaluator are Google's: they come from the Firestore emulator's jar, which
 * holds the same rules engine with the {@code firebase.storage} service. This class only speaks the
 * protocol that firebase-tools expects on standard input and output: one JSON object a line, {@code
 * load_ruleset} and {@code verify}. Rules that call {@code firestore.get()} or {@code
 * firestore.exists()} are not answered here; they evaluate to an error, and an error denies.
 */
public final class StorageRulesRuntime {
  /** The emulator waits for this greeting before its first request. */
  private static final int GREETING_ID = -1;

  private final Map<String, Evaluator> rulesets = new HashMap<>();
  private final Gson gson = new Gson();

  public static void main(String[] arguments) throws Exception {
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err); // libraries may print; standard output carries answers only
    new StorageRulesRuntime().serve(answers);
  }

  private void serve(PrintStream answers) throws Exception {
    answers.println(gson.toJson(new Answer(GREETING_ID).json));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      answers.println(gson.toJson(answer(request).json));
    }
  }

  private Answer answer(JsonObject request) {
    Answer answer = new Answer(request.get("id").getAsInt());
    JsonObject context = request.getAsJsonObject("context");
    String action = request.get("action").getAsString();
    try {
      switch (action) {
        case "load_ruleset" -> load(context, answer);
        case "verify" -> verify(context, answer);
        default -> answer.errors.add("unknown action " + action);
      }
    } catch (Exception | LinkageError e) {
      answer.errors.add(e.toString()); // an answer with errors permits nothing
    }
    return answer;
  }

  private void load(JsonObject context, Answer answer) {
    Source.Builder source = Source.newBuilder();
    for (JsonElement element : context.getAsJsonObject("source").getAsJsonArray("files")) {
      JsonObject file = element.getAsJsonObject();
      source.addFiles(
          File.newBuilder()
              .setName(file.get("name").getAsString())
              .setContent(file.get("content").getAsString()));
    }
    CompileResult compiled = FirebaseRulesProtoCompiler.createStandalone().compile(source);
    for (Issue issue : compiled.getIssues()) {
      boolean fatal = issue.getSeverity() == Issue.Severity.ERROR;
      (fatal ? answer.errors : answer.warnings).add(describe(issue));
    }
    if (answer.errors.isEmpty()) {
      RulesetAst ruleset = compiled.getRulesetAst();
      rulesets.put(context.get("rulesetName").getAsString(), new DefaultEvaluator(ruleset));
      answer.result.addProperty("rulesVersion", ruleset.getVersion().getNumber());
    }
  }

  /** The shape in which the emulator looks for the place of an issue. */
  private String describe(Issue issue) {
    JsonObject position = new JsonObject();
    position.addProperty("fileName_", issue.getSourcePosition().getFileName());
    position.addProperty("line_", issue.getSourcePosition().getLine());
    JsonObject description = new JsonObject();
    description.addProperty("description_", issue.getDescription());
    description.add("sourcePosition_", position);
    return gson.toJson(description);
  }

  private void verify(JsonObject context, Answer answer) throws Exception {
    Evaluator evaluator = rulesets.get(context.get("rulesetName").getAsString());
    if (evaluator == null) {
      answer.errors.add("no such ruleset");
      return;
    }
    ImmutableMap.Builder<String, Supplier<ListenableFuture<ExpressionValue>>> variables =
        ImmutableMap.builder();
    for (Map.Entry<String, JsonElement> entry :
        context.getAsJsonObject("variables").entrySet()) {
      ExpressionValue.Builder value = ExpressionValue.newBuilder();
      // Not by gson, which would leave out nulls.
      JsonFormat.parser().ignoringUnknownFields().merge(entry.getValue().toString(), value);
      ExpressionValue built = value.build();
      variables.put(entry.getKey(), () -> Futures.immediateFuture(built));
    }
    AuthRuleEvaluator.RuleContext rule =
        AuthRuleEvaluator.RuleContext.builder()
            .service("firebase.storage")
            .method(context.get("method").getAsString())
            .path(path(context.get("path").getAsString()))
            .variables(variables.buildOrThrow())
            .functions(List.of())
            .build();
    answer.result.addProperty("permit", evaluator.evaluate(rule).get().permit());
  }

  private static ExpressionPathValue path(String path) {
    ExpressionPathValue.Builder value = ExpressionPathValue.newBuilder();
    for (String segment : path.split("/")) {
      if (!segment.isEmpty()) {
        value.addSegments(ExpressionPathSegmentValue.newBuilder().setSimple(segment));
      }
    }
    return value.build();
  }

  /** One line to the emulator. */
  private static final class Answer {
    final JsonObject json = new JsonObject();
    final JsonObject result = new JsonObject();
    final JsonArray errors = new JsonArray();
    final JsonArray warnings = new JsonArray();

    Answer(int id) {
      json.addProperty("id", id);
      json.addProperty("status", "ok");
      json.addProperty("action", "");
      json.add("result", result);
      json.add("errors", errors);
      json.add("warnings", warnings);
    }
  }
}
