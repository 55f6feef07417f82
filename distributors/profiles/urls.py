from django.urls import path

from distributors.profiles import (
    board,
    bulk_undo_views,
    handover_views,
    merge_views,
    move_views,
    outbound_pages,
    supply_views,
    tag_views,
    task_views,
    timeline_views,
    views,
)
from distributors.profiles.card.urls import urlpatterns as card_urls
from distributors.profiles.contracts.urls import urlpatterns as contract_urls
from distributors.profiles.outbound_sections import OutboundSection
from distributors.profiles.people.urls import urlpatterns as people_urls
from distributors.profiles.sections import DistributorSection
from distributors.profiles.selection.urls import urlpatterns as selection_urls
from distributors.profiles.tag_sections import TagSection
from distributors.profiles.task_sections import TaskSection

app_name = "profiles"

urlpatterns = [
    *DistributorSection.urls(),
    path("distributors/board/", board.board, name="distributor-board"),
    path("distributors/<int:pk>/board/<slug:name>/", board.board_move, name="distributor-boardmove"),
    *card_urls,
    path("distributors/<int:pk>/timeline/", timeline_views.timeline, name="distributor-timeline"),
    path("distributors/<int:pk>/supply/", supply_views.supply, name="distributor-supply"),
    path("territories/<int:pk>/supply/", supply_views.territory_supply, name="territory-supply"),
    path("distributors/<int:pk>/handover/", handover_views.sheet, name="distributor-handover"),
    path("handovers/", handover_views.handover_list, name="handover-list"),
    path("people/<int:pk>/handovers/", handover_views.user_handovers, name="user-handovers"),
    path("distributors/<int:pk>/history/", views.trail, name="distributor-history"),
    path("distributors/<int:pk>/tasks/", task_views.distributor_tab, name="distributor-tasks"),
    *people_urls,
    *contract_urls,
    *selection_urls,
    *TagSection.urls(),
    path("tags/<int:pk>/merge/", tag_views.merge, name="tag-merge"),
    path("tags/<int:pk>/delete/", tag_views.delete, name="tag-delete"),
    path("tag-changes/<int:pk>/undo/", tag_views.change_undo, name="tagchange-undo"),
    path("bulk-changes/<int:pk>/", bulk_undo_views.change_undo, name="bulkchange-undo"),
    path("settings/outbound/", outbound_pages.outbound, name="outbound"),
    path("settings/outbound/<int:pk>/end/", outbound_pages.reader_end, name="outboundreader-end"),
    *OutboundSection.urls(),
    *TaskSection.urls(),
    path("tasks/<int:pk>/done/", task_views.task_done, name="task-done"),
    path("tasks/<int:pk>/<slug:name>/", task_views.task_move, name="task-move"),
    path("distributors/<int:pk>/reassign/", views.reassign, name="distributor-reassign"),
    path("distributors/<int:pk>/merge/", merge_views.merge, name="distributor-merge"),
    path("distributors/<int:pk>/unmerge/", merge_views.unmerge, name="distributor-unmerge"),
    path("distributors/<int:pk>/move/<slug:name>/", move_views.move, name="distributor-move"),
    path("distributors/<int:pk>/places/add/", views.place_edit, name="place-add"),
    path("distributors/<int:pk>/places/<int:place_pk>/", views.place_edit, name="place-edit"),
    path("distributors/<int:pk>/places/<int:place_pk>/remove/", views.place_remove, name="place-remove"),
]
