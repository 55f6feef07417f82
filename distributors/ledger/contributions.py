"""What this app adds to the pages around it."""


def register() -> None:
    """Wire the jobs and the kinds of records."""
    from core.contributors import contribute
    from distributors.ledger import tasks
    from distributors.ledger.home import sales_figures
    from distributors.ledger.kinds import distributors, people, products, rates, sales, territories

    _ = (tasks, territories, people, distributors, products, rates, sales)
    contribute("home", sales_figures)
