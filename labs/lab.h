#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"

/// What a lab is, as read from its folder. Plain values; docs/lab-authors-guide.md describes the files.
/// The folder is labs/, the namespace lab: C has a function of the name labs.
namespace lab {

using engine::Result;

/// Answers that depend on the cluster at hand and are looked up when the question is shown.
enum class LiveAnswer {
    None,
    FirstReplica,  // The node that the walk from the key's token meets first.
    NoReplica,     // The one node that holds no copy of the key.
};

/// A partition by name: the key as CQL literals, one a column of the partition key.
struct KeyName {
    std::string keyspace;
    std::string table;
    std::vector<std::string> key;
};

/// A question with one right choice: a quiz, or a prediction made before running.
struct Question {
    std::string question;
    std::vector<std::string> choices;
    std::size_t answer = 0;          // Index of the right choice; of a live one once it is known.
    LiveAnswer live = LiveAnswer::None;
    KeyName key;                     // Of a live answer.
    std::vector<std::string> explanations;  // By choice: why it is wrong; may be empty.
};
using Prediction = Question;

/// `cql`: runs a query itself and compares rows, or the error. What is no SELECT is prepared and not run: a check
/// writes nothing, whatever the learner's table is like.
struct CqlWants {
    std::string query;
    std::string consistency = "ONE";  // Which mends nothing.
    int coordinator = 0;  // Node number; 0: the first that is up.
    std::vector<std::vector<std::string>> rows;  // As CQL literals.
    std::string error;     // "Unavailable"; then rows are not looked at.
    std::string errorText;  // A part of the message.
    /// Queries that find something when a well-known mistake was made, and what to say then.
    std::vector<std::pair<std::string, std::string>> mistakes;
};

/// `schema`: a keyspace, and maybe a table of it.
struct SchemaWants {
    std::string keyspace;
    std::string strategy;  // Empty: either.
    int copies = 0;        // In all datacenters together; 0: any.
    std::string table;
    std::vector<std::string> partitionKey;
    std::vector<std::string> clustering;
    std::vector<std::pair<std::string, std::string>> columns;  // Name, type; others may exist.
};

/// `replicas`: what each node holds by itself, read through it at NODE_LOCAL.
struct ReplicasWants {
    std::string keyspace;
    std::string table;
    std::string where;   // "member = 'm-1131' AND isbn = '978-0'"
    std::string column;  // The value compared; empty: only whether the row is there.
    int copies = 0;      // That many nodes hold the row; 0: any.
    bool agree = false;  // Those that hold it hold the same value.
    std::map<int, std::string> holds;  // By node number; "-" for no row.
};

/// `cluster`: a node as its process and the others see it, or facts of the ring.
struct ClusterWants {
    int node = 0;
    std::string state;  // up, down, paused.
    int nodesUp = 0;    // That many nodes are up in everybody's eyes; 0: any.
    int vnodes = 0;     // Tokens of each node; 0: any.
};

/// `events`: a request that was seen since the step began. Empty fields are not looked at.
struct EventsWants {
    std::string request;  // read, write (also in a batch), batch, schema.
    std::string keyspace;
    std::string table;
    std::vector<std::string> key;  // CQL literals.
    std::string consistency;
    int coordinator = 0;
    std::string result;          // ok, or an error's name: Unavailable, timeout.
    std::string errorText;       // A part of the message.
    std::vector<int> answeredBy;  // The replicas whose answers met the level, whatever their order.
    int answers = 0;             // How many answers met the level.
    int repaired = 0;            // A replica that a read repair was sent to.
    bool lightweight = false;    // Replicas were asked for a promise: a condition was checked with Paxos.
    bool logged = false;         // It was kept in a batch log first.
    int count = 1;
    bool eachNode = false;       // One through each of the nodes that are up.
};

/// `storage`: what a node has in memory and on disk of a table, and what it did with it since the step
/// began. What is not asked for is not looked at.
struct StorageWants {
    int node = 0;  // 0: every node that runs.
    std::string keyspace;
    std::string table;
    int sstables = -1;        // Exactly that many.
    int sstablesAtLeast = 0;
    std::string memtable;     // empty, filled.
    std::string flushed;      // A flush for this reason: any, or MEMTABLE_LIMIT, USER_FORCED, ...
    bool replayed = false;    // The node was started, and took mutations from its commit log.
    int compacted = 0;        // A compaction that took that many SSTables or more.
    int compactions = 0;      // That many compactions or more.
    bool byItself = false;    // Only those that the strategy began count.
    int expired = 0;          // That many SSTables or more went as a whole, unread, since all in them had expired.
    int windows = 0;          // Its SSTables are of that many windows, with one in each that is over.
    int level = -1;           // An SSTable on that level or above.
    std::string strategy;     // Its class, without the package.
    std::map<std::string, std::string> options;  // Of the strategy.
    std::string tombstones;   // none, some: in its SSTables.
    std::string tombstonesSay;  // A near miss when there are some; empty: only that compacting left them.
    int readTouched = 0;      // A read that found its partition in that many SSTables or more.
};

/// `quiz`: a question answered in the pane.
struct QuizWants {
    Question question;
};

/// `predict`: the step's prediction is locked; scored, and never in the way of the step.
struct PredictWants {};

using Wants =
    std::variant<CqlWants, SchemaWants, ReplicasWants, ClusterWants, EventsWants, StorageWants, QuizWants,
                 PredictWants>;

/// What is looked at to decide whether a step is done.
struct Check {
    std::string kind;  // cql, schema, replicas, cluster, events, storage, quiz, predict.
    std::string says;  // "A QUORUM write was acknowledged": the line in the pane.
    bool given = false;  // Holds before the step's deed as well; what the deed stands on.
    Wants wants;
    int line = 0;  // In lab.yaml.

    /// Null when it is no quiz.
    const Question* question() const {
        const auto* quiz = std::get_if<QuizWants>(&wants);
        return quiz == nullptr ? nullptr : &quiz->question;
    }
};

/// What solutions, resets and shortcuts do: CQL with its level and coordinator, or a node action.
struct SolutionAction {
    std::string cql;
    std::string consistency = "ONE";
    int coordinator = 0;   // Node number; 0: the first that is up.
    bool mayFail = false;  // Its error is what the step is about.
    std::string node;      // "stop 3", "kill 3", "start 3", "pause 3", "resume 3", "wait 3 down", "flush 3",
                           // "compact 3 shop.orders", "load shop.orders 2000 200", "sleep 2".
};

/// Something that looks like the solution and must not pass.
struct Shortcut {
    std::string says;
    std::vector<SolutionAction> actions;
    bool near = false;  // It must be called a near miss.
    std::vector<SolutionAction> undo;
    int line = 0;
};

struct Step {
    std::string id;
    std::string title;
    std::string text;                    // Markdown.
    std::vector<std::string> snippets;   // Runnable CQL.
    std::optional<Prediction> prediction;
    std::vector<Check> checks;
    std::vector<std::string> hints;      // Three: where to look, which idea, nearly the statement.
    std::string why;                     // Shown after it passed.
    std::vector<SolutionAction> solution;  // Quizzes are answered rightly without being named here.
    std::vector<SolutionAction> reset;   // Undoes what the step did.
    std::string resetSays;               // What reset does, for the person who is about to.
    std::vector<Shortcut> shortcuts;
};

struct Topology {
    int nodes = 3;
    int vnodes = 16;
    std::map<std::string, std::string> settings;  // cassandra.yaml's names.
};

struct Lab {
    std::string id;
    std::string title;
    std::string week;
    std::string summary;
    int minutes = 0;
    int nodes = 3;
    Topology topology;
    std::vector<std::string> topics;  // Of the syllabus.
    std::vector<std::string> objectives;
    std::vector<std::string> keyspaces;  // The lab's own: what a reset may drop, and saves first.
    std::vector<Step> steps;
    std::string folder;
};

/// Reads folder/lab.yaml and the Markdown it names. The error lists every problem, a line each, with
/// file, line and what was expected.
Result<Lab> loadLab(const std::string& folder);

struct LabList {
    std::vector<Lab> labs;               // By week, then folder.
    std::vector<std::string> problems;   // Of the labs that could not be read.
};
/// Every folder below `curriculum` that has a lab.yaml.
LabList listLabs(const std::string& curriculum);
/// $RINGSIDE_CURRICULUM, else the folder that lies beside or above the running program.
std::string curriculumFolder();

enum class Verdict { NotShownYet, Near, Failed, Passed };

struct Fact {
    std::string what;
    std::string wanted;
    std::string got;
    bool agrees = true;
};

struct CheckResult {
    Verdict verdict = Verdict::NotShownYet;
    std::string says;        // "Near miss: right row, read at ONE".
    std::string progress;    // "1 of 2", or empty.
    std::vector<Fact> facts;
    std::string smallestChange;  // "one setting, Consistency."
    std::string moment;      // Request the verdict was read from; empty when none.
};

struct StepState {
    Verdict verdict = Verdict::NotShownYet;
    bool skipped = false;
    int hintsShown = 0;
    std::optional<std::size_t> predicted;
    int confidence = 0;  // Per cent.
    std::optional<bool> predictedRight;  // Once the step has been decided.
    std::vector<CheckResult> checks;
};

}  // namespace lab
