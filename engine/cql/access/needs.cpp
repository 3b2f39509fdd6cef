#include "engine/cql/access/needs.h"

#include "engine/cql/functions/user_functions.h"
#include "engine/cql/type_ref.h"
#include "engine/types/type_names.h"

namespace engine::cql {

namespace {

using Types = std::vector<types::TypePtr>;

std::optional<Types> resolved(const std::vector<syntax::TypeRef>& refs, const schema::Schema& schema, const std::string& keyspace) {
    Types out;
    for (const syntax::TypeRef& ref : refs) {
        auto type = resolveType(ref, schema, keyspace);
        if (!type) {
            return std::nullopt;  // The statement says so itself when it runs.
        }
        out.push_back(std::move(type).value());
    }
    return out;
}

class Needs {
public:
    Needs(Prepared& prepared, const schema::Schema& schema, const SessionState& session)
        : m_prepared(prepared), m_schema(schema), m_session(session) {}

    void read(const schema::Table& table) {
        // A view shows its base, and it is the base that one must be allowed to read.
        need(Permission::Select, tableResource(table.keyspace, table.view ? table.view->baseName : table.name));
    }

    void write(const schema::Table& table, bool conditional) {
        const Resource resource = tableResource(table.keyspace, table.name);
        need(Permission::Modify, resource);
        if (conditional) {
            need(Permission::Select, resource);  // Whether it applied tells what is there.
        }
        bool first = true;
        for (const auto& [name, other] : tablesOf(table.keyspace)) {
            if (other->view && other->view->baseName == table.name) {
                if (std::exchange(first, false)) {
                    need(Permission::Select, resource);
                }
                need(Permission::Modify, tableResource(table.keyspace, name));
            }
        }
    }

    void execute(const types::Function& function) {
        if (function.isNative() || function.name().keyspace.empty()) {
            return;
        }
        const std::string& keyspace = function.name().keyspace;
        need(Permission::Execute, functionResource(keyspace, function.name().name, function.argumentTypes()));
        const schema::KeyspacePtr* found = m_schema.findKeyspace(keyspace);
        const auto* aggregate = found == nullptr ? nullptr : findAggregate(**found, function.name().name, function.argumentTypes());
        if (aggregate != nullptr) {
            needParts(keyspace, *aggregate);
        }
    }

    // ---- statements about the schema -----------------------------------------------------------

    void operator()(const syntax::CreateKeyspaceStatement& s) {
        need(Permission::Create, allKeyspaces());
        m_prepared.creates = keyspaceResource(s.keyspace.text);
    }
    void operator()(const syntax::AlterKeyspaceStatement& s) { need(Permission::Alter, keyspaceResource(s.keyspace.text)); }
    void operator()(const syntax::DropKeyspaceStatement& s) {
        const std::string& keyspace = s.keyspace.text;
        need(Permission::Drop, keyspaceResource(keyspace));
        gone(keyspaceResource(keyspace));
        gone(allTablesResource(keyspace));
        gone(functionsResource(keyspace));
        for (const auto& [name, table] : tablesOf(keyspace)) {
            gone(tableResource(keyspace, name));
        }
        if (const schema::KeyspacePtr* found = m_schema.findKeyspace(keyspace)) {
            for (const schema::UserFunction& function : (*found)->functions) {
                gone(functionResource(keyspace, function.name, function.argumentTypes));
            }
            for (const schema::UserAggregate& aggregate : (*found)->aggregates) {
                gone(functionResource(keyspace, aggregate.name, aggregate.argumentTypes));
            }
        }
    }

    void operator()(const syntax::CreateTableStatement& s) {
        need(Permission::Create, allTablesResource(keyspaceOf(s.table)));
        m_prepared.creates = table(s.table);
    }
    void operator()(const syntax::AlterTableStatement& s) { need(Permission::Alter, table(s.table)); }
    void operator()(const syntax::DropTableStatement& s) {
        need(Permission::Drop, table(s.table));
        gone(table(s.table));
    }

    void operator()(const syntax::CreateTypeStatement& s) { need(Permission::Create, allTablesResource(keyspaceOf(s.type))); }
    void operator()(const syntax::AlterTypeStatement& s) { need(Permission::Alter, allTablesResource(keyspaceOf(s.type))); }
    void operator()(const syntax::DropTypeStatement& s) { need(Permission::Drop, allTablesResource(keyspaceOf(s.type))); }

    void operator()(const syntax::CreateIndexStatement& s) { need(Permission::Alter, table(s.table)); }
    void operator()(const syntax::DropIndexStatement& s) {
        const std::string& keyspace = keyspaceOf(s.index);
        for (const auto& [name, table] : tablesOf(keyspace)) {
            for (const schema::Index& index : table->indexes) {
                if (index.name == s.index.name.text) {
                    need(Permission::Alter, tableResource(keyspace, name));
                }
            }
        }
    }

    void operator()(const syntax::CreateViewStatement& s) { need(Permission::Alter, table(s.baseTable)); }
    void operator()(const syntax::AlterViewStatement& s) { ofBase(s.view); }
    void operator()(const syntax::DropViewStatement& s) {
        ofBase(s.view);
        gone(table(s.view));
    }

    void operator()(const syntax::CreateFunctionStatement& s) {
        std::vector<syntax::TypeRef> refs;
        for (const syntax::FieldDefinition& argument : s.arguments) {
            refs.push_back(argument.type);
        }
        make(s.function, refs, s.orReplace);
    }
    void operator()(const syntax::DropFunctionStatement& s) { drop(s.function, s.argumentTypes, false); }
    void operator()(const syntax::CreateAggregateStatement& s) {
        make(s.aggregate, s.argumentTypes, s.orReplace);
        std::vector<syntax::TypeRef> state{s.stateType};
        state.insert(state.end(), s.argumentTypes.begin(), s.argumentTypes.end());
        part(keyspaceOf(s.aggregate), s.stateFunction.text, state);
        if (s.finalFunction) {
            part(keyspaceOf(s.aggregate), s.finalFunction->text, {s.stateType});
        }
    }
    void operator()(const syntax::DropAggregateStatement& s) { drop(s.aggregate, s.argumentTypes, true); }

    void operator()(const syntax::CreateTriggerStatement&) {
        m_prepared.onlySuperusers = "Only superusers are allowed to perform CREATE TRIGGER queries";
    }
    void operator()(const syntax::DropTriggerStatement&) {
        m_prepared.onlySuperusers = "Only superusers are allowed to perfrom DROP TRIGGER queries";
    }

    template <typename Other>
    void operator()(const Other&) {}

private:
    void need(Permission permission, Resource resource) { m_prepared.needs.push_back({permission, std::move(resource)}); }

    void gone(Resource resource) { m_prepared.drops.push_back(std::move(resource)); }
    void dropped(const Resource& resource) {
        need(Permission::Drop, resource);
        gone(resource);
    }

    const std::string& keyspaceOf(const syntax::QualifiedName& name) const {
        return name.keyspace.absent() ? m_session.keyspace : name.keyspace.text;
    }
    Resource table(const syntax::QualifiedName& name) const { return tableResource(keyspaceOf(name), name.name.text); }
    const std::map<std::string, schema::TablePtr>& tablesOf(const std::string& keyspace) const {
        static const std::map<std::string, schema::TablePtr> kNone;
        const schema::KeyspacePtr* found = m_schema.findKeyspace(keyspace);
        return found == nullptr ? kNone : (*found)->tables;
    }

    void ofBase(const syntax::QualifiedName& view) {
        const schema::TablePtr found = m_schema.findTable(keyspaceOf(view), view.name.text);
        if (found != nullptr && found->view) {
            need(Permission::Alter, tableResource(found->keyspace, found->view->baseName));
        }
    }

    void needParts(const std::string& keyspace, const schema::UserAggregate& aggregate) {
        Types state{aggregate.stateType};
        state.insert(state.end(), aggregate.argumentTypes.begin(), aggregate.argumentTypes.end());
        need(Permission::Execute, functionResource(keyspace, aggregate.stateFunction, state));
        if (!aggregate.finalFunction.empty()) {
            need(Permission::Execute, functionResource(keyspace, aggregate.finalFunction, {aggregate.stateType}));
        }
    }

    void part(const std::string& keyspace, const std::string& function, const std::vector<syntax::TypeRef>& refs) {
        if (const auto types = resolved(refs, m_schema, keyspace)) {
            need(Permission::Execute, functionResource(keyspace, function, *types));
        }
    }

    void make(const syntax::QualifiedName& name, const std::vector<syntax::TypeRef>& refs, bool orReplace) {
        const std::string& keyspace = keyspaceOf(name);
        const schema::KeyspacePtr* found = m_schema.findKeyspace(keyspace);
        const auto types = resolved(refs, m_schema, keyspace);
        const bool exists = found != nullptr && types &&
                            (findFunction(**found, name.name.text, *types) != nullptr || findAggregate(**found, name.name.text, *types) != nullptr);
        if (exists && orReplace) {
            need(Permission::Alter, functionResource(keyspace, name.name.text, *types));
        } else {
            need(Permission::Create, functionsResource(keyspace));
        }
        if (types) {
            m_prepared.creates = functionResource(keyspace, name.name.text, *types);
        }
    }

    /// Without types: the one of that name, as only then it can be dropped so.
    void drop(const syntax::QualifiedName& name, const std::optional<std::vector<syntax::TypeRef>>& refs, bool isAggregate) {
        const std::string& keyspace = keyspaceOf(name);
        if (refs) {
            if (const auto types = resolved(*refs, m_schema, keyspace)) {
                dropped(functionResource(keyspace, name.name.text, *types));
            }
            return;
        }
        const schema::KeyspacePtr* found = m_schema.findKeyspace(keyspace);
        if (found == nullptr) {
            return;
        }
        for (const schema::UserFunction& function : (*found)->functions) {
            if (!isAggregate && function.name == name.name.text) {
                dropped(functionResource(keyspace, function.name, function.argumentTypes));
            }
        }
        for (const schema::UserAggregate& aggregate : (*found)->aggregates) {
            if (isAggregate && aggregate.name == name.name.text) {
                dropped(functionResource(keyspace, aggregate.name, aggregate.argumentTypes));
            }
        }
    }

    Prepared& m_prepared;
    const schema::Schema& m_schema;
    const SessionState& m_session;
};

}  // namespace

Resource functionResource(std::string_view keyspace, std::string_view function, const Types& argumentTypes) {
    std::vector<std::string> classes;
    for (const types::TypePtr& type : argumentTypes) {
        classes.push_back(types::className(*type));
    }
    return functionResource(keyspace, function, classes);
}

void noteNeeds(Prepared& prepared, const syntax::Statement& syntax, const schema::Schema& schema,
               const SessionState& session, const std::vector<types::FunctionPtr>& functions) {
    Needs needs(prepared, schema, session);
    const AnyStatement& any = prepared.statement;
    if (const auto* select = std::get_if<std::shared_ptr<const SelectStatement>>(&any)) {
        needs.read(*(*select)->table());
    } else if (const auto* write = std::get_if<std::shared_ptr<const ModificationStatement>>(&any)) {
        needs.write(*(*write)->table(), (*write)->isConditional());
    } else if (const auto* batch = std::get_if<std::shared_ptr<const BatchStatement>>(&any)) {
        for (const BatchChild& child : (*batch)->children()) {
            needs.write(*child.statement->table(), child.statement->isConditional());
        }
    } else if (const auto* truncate = std::get_if<TruncateStatement>(&any)) {
        prepared.needs.push_back({Permission::Modify, tableResource(truncate->table->keyspace, truncate->table->name)});
    } else {
        std::visit(needs, syntax);
    }
    for (const types::FunctionPtr& function : functions) {
        needs.execute(*function);
    }
}

}  // namespace engine::cql
