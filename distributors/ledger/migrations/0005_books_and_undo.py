import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_calendars_and_absences"),
        ("ledger", "0004_line_day"),
        ("profiles", "0005_tasks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodLock",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("first_open", models.DateField(verbose_name="first open month")),
                ("reopened", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("batch", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="batch",
            name="reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="batch",
            name="rows_late",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="batch",
            name="rows_removed",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="batch",
            name="undoes",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="undone_by", to="ledger.batch"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="booked_in",
            field=models.DateField(null=True, verbose_name="counts in"),
        ),
        migrations.AddField(
            model_name="invoice",
            name="removed_in",
            field=models.DateField(null=True, verbose_name="taken off in"),
        ),
        migrations.AddField(
            model_name="invoice",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="booked_in",
            field=models.DateField(null=True, verbose_name="counts in"),
        ),
        migrations.AddField(
            model_name="payment",
            name="removed_in",
            field=models.DateField(null=True, verbose_name="taken off in"),
        ),
        migrations.AddField(
            model_name="payment",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="saleline",
            name="booked_in",
            field=models.DateField(null=True, verbose_name="counts in"),
        ),
        migrations.AddField(
            model_name="saleline",
            name="removed_in",
            field=models.DateField(null=True, verbose_name="taken off in"),
        ),
        migrations.AddField(
            model_name="saleline",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="stocksnapshot",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="target",
            name="repeats",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="monthlylinesales",
            name="lines",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="monthlylinesales",
            name="orders",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="monthlysales",
            name="lines",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="monthlysales",
            name="orders",
            field=models.IntegerField(),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_invoice_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_occurrence_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_order_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_payment_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="saleline",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_line_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="saleline",
            index=models.Index(
                condition=models.Q(("booked_in", None), _negated=True),
                fields=["distributor", "booked_in"],
                name="ledger_line_booked",
            ),
        ),
        migrations.AddIndex(
            model_name="saleline",
            index=models.Index(
                condition=models.Q(("removed_in", None), _negated=True),
                fields=["distributor", "removed_in"],
                name="ledger_line_removed",
            ),
        ),
        migrations.AddIndex(
            model_name="stocksnapshot",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_stock_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("superseded_by", None), _negated=True),
                fields=["superseded_by"],
                name="ledger_target_superseded",
            ),
        ),
        migrations.AddField(
            model_name="periodlock",
            name="created_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="periodlock",
            constraint=models.CheckConstraint(condition=models.Q(("first_open__day", 1)), name="ledger_lock_month"),
        ),
        migrations.AddConstraint(
            model_name="periodlock",
            constraint=models.CheckConstraint(
                condition=models.Q(("reopened", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="ledger_lock_reason",
            ),
        ),
    ]
