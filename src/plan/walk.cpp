#include "plan/walk.hpp"

namespace sealrow::plan {

namespace {

class Walker {
 public:
  explicit Walker(const ExprVisitor& visit, std::set<std::string>* named = nullptr) : visit_(visit), named_(named) {}

  void operator()(std::monostate) {}
  void operator()(const sql::Deallocate&) {}
  void operator()(const sql::Fetch&) {}
  void operator()(const sql::CloseCursor&) {}
  void operator()(const sql::Transaction&) {}
  void operator()(const sql::SetVariable&) {}
  void operator()(const sql::Show&) {}
  void operator()(const sql::Discard&) {}
  void operator()(const sql::Truncate&) {}
  void operator()(const sql::LockTable&) {}
  void operator()(const sql::CreateTrigger&) {}
  void operator()(const sql::DoBlock&) {}
  void operator()(const sql::Drop&) {}
  void operator()(const sql::Utility&) {}

  void operator()(const sql::Select& select) {
    with(select.with);
    if (select.left) (*this)(*select.left);
    if (select.right) (*this)(*select.right);
    for (const auto& row : select.values) exprs(row);
    exprs(select.distinct_on);
    items(select.output);
    for (const auto& item : select.from) from(item);
    expr(select.where);
    exprs(select.group_by);
    expr(select.having);
    for (const auto& part : select.windows) window(part);
    sort_keys(select.order_by);
    expr(select.limit);
    expr(select.offset);
  }
  void operator()(const sql::Insert& insert) {
    with(insert.with);
    if (insert.source) (*this)(*insert.source);
    if (insert.conflict) {
      exprs(insert.conflict->target);
      expr(insert.conflict->target_where);
      assignments(insert.conflict->set);
      expr(insert.conflict->where);
    }
    items(insert.returning);
  }
  void operator()(const sql::Update& update) {
    with(update.with);
    assignments(update.set);
    for (const auto& item : update.from) from(item);
    expr(update.where);
    sort_keys(update.order_by);
    expr(update.limit);
    items(update.returning);
  }
  void operator()(const sql::Delete& del) {
    with(del.with);
    for (const auto& item : del.using_) from(item);
    expr(del.where);
    sort_keys(del.order_by);
    expr(del.limit);
    items(del.returning);
  }
  void operator()(const sql::Merge& merge) {
    with(merge.with);
    from(merge.source);
    expr(merge.on);
    for (const auto& when : merge.when) {
      expr(when.condition);
      exprs(when.values);
      assignments(when.set);
    }
    items(merge.returning);
  }
  void operator()(const sql::Copy& copy) {
    statement(copy.query);
    expr(copy.where);
  }
  void operator()(const sql::LoadData& load) {
    expr(load.ignore_lines);
    assignments(load.set);
  }
  void operator()(const sql::SetVariables& set) {
    for (const auto& item : set.items) expr(item.value);
  }
  void operator()(const sql::Prepare& prepare) {
    statement(prepare.statement);
    expr(prepare.source);
  }
  void operator()(const sql::Execute& execute) { exprs(execute.args); }
  void operator()(const sql::DeclareCursor& declare) { statement(declare.query); }
  void operator()(const sql::Explain& explain) { statement(explain.statement); }
  void operator()(const sql::CreateTable& create) {
    for (const auto& column : create.columns) definition(column);
    for (const auto& constraint : create.constraints) expr(constraint.expr);
  }
  void operator()(const sql::CreateTableAs& create) { statement(create.query); }
  void operator()(const sql::AlterTable& alter) {
    for (const auto& command : alter.commands) {
      if (command.definition) definition(*command.definition);
      if (command.constraint) expr(command.constraint->expr);
      expr(command.expr);
    }
  }
  void operator()(const sql::CreateIndex& index) {
    exprs(index.elements);
    expr(index.where);
  }
  void operator()(const sql::CreateView& view) { statement(view.query); }
  void operator()(const sql::CreateFunction& function) {
    for (const auto& part : function.statements) statement(part);
    exprs(function.defaults);
  }
  void operator()(const sql::CreateRule& rule) {
    for (const auto& action : rule.actions) statement(action);
  }
  void operator()(const sql::CallProcedure& call) { expr(call.call); }

  void statement(const sql::StatementPtr& child) {
    if (child) std::visit(*this, child->node);
  }
  void expr(const sql::ExprPtr& child) {
    if (child) expr(*child);
  }
  void expr(const sql::Expr& e) {
    visit_(e);
    exprs(e.args);
    if (e.query) (*this)(*e.query);
    expr(e.case_operand);
    exprs(e.case_when);
    expr(e.case_else);
    exprs(e.order);
    expr(e.filter);
    if (e.window) window(*e.window);
  }

 private:
  void exprs(const std::vector<sql::ExprPtr>& list) {
    for (const auto& child : list) expr(child);
  }
  void sort_keys(const std::vector<sql::SortKey>& keys) {
    for (const auto& key : keys) expr(key.expr);
  }
  void items(const std::vector<sql::OutputItem>& list) {
    for (const auto& item : list) expr(item.expr);
  }
  void window(const sql::WindowParts& parts) {
    exprs(parts.partition);
    exprs(parts.order);
    exprs(parts.frame);
  }
  void assignments(const std::vector<sql::Assignment>& list) {
    const sql::Expr* last_row = nullptr;
    for (const auto& assignment : list) {
      expr(assignment.value);
      // Several assignments share one row source.
      if (assignment.row_source && assignment.row_source.get() != last_row) expr(*assignment.row_source);
      last_row = assignment.row_source.get();
    }
  }
  void definition(const sql::ColumnDefinition& column) {
    expr(column.default_value);
    expr(column.generated);
    exprs(column.checks);
  }
  void with(const std::unique_ptr<sql::With>& clause) {
    if (!clause) return;
    for (const auto& table : clause->tables) {
      if (named_) named_->insert(table.name);
      statement(table.statement);
    }
  }
  void from(const sql::FromPtr& item) {
    if (!item) return;
    if (item->query) (*this)(*item->query);
    exprs(item->calls);
    from(item->left);
    from(item->right);
    expr(item->on);
  }

  const ExprVisitor& visit_;
  std::set<std::string>* named_;
};

}  // namespace

void for_each_expr(const sql::Statement& statement, const ExprVisitor& visit) {
  Walker walker(visit);
  std::visit(walker, statement.node);
}

std::set<std::string> named_queries(const sql::Statement& statement) {
  std::set<std::string> names;
  const ExprVisitor nothing = [](const sql::Expr&) {};
  Walker walker(nothing, &names);
  std::visit(walker, statement.node);
  return names;
}

void for_each_expr(const sql::Expr& expr, const ExprVisitor& visit) { Walker(visit).expr(expr); }

}  // namespace sealrow::plan
