from analyzer.movements.registry import load_movements


def test_limits_are_returned(ann, service):
    body = ann.get("/v1/me").json()
    assert body["limits"]["max_upload_bytes"] == service.settings.max_upload_bytes
    assert body["version"]


def test_movements_state_everything_about_themselves(ann):
    items = ann.get("/v1/movements").json()["items"]
    assert [item["title"] for item in items] == sorted(item["title"] for item in items)
    assert items == [movement.describe().model_dump(mode="json") for movement in sorted_movements()]
    by_name = {item["name"]: item for item in items}
    hinge, slump, overhead = by_name["hinge"], by_name["slump"], by_name["overhead"]
    assert hinge["title"].startswith("Hip hinge") and "sumo" in hinge["variants"]
    assert (hinge["tracks_load"], hinge["better"]["hinge.hip_back_pct"]) == (True, "more")
    assert slump["stage_titles"]["tall_sit"] == "Sitting tall"
    assert slump["correctable_stages"][0] == "tall_sit" and slump["asks_screening_first"]
    assert (slump["direction"], slump["event_kind"], slump["can_be_loaded"]) == ("rounding", "stages", False)
    assert overhead["phases"] == {"top": "arms lowest", "turn": "arms highest", "outward": "up", "back": "down"}


def sorted_movements():
    return sorted(load_movements().values(), key=lambda movement: movement.title)
