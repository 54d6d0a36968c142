def test_limits_are_told(ann, service):
    told = ann.get("/v1/me").json()
    assert told["limits"]["max_upload_bytes"] == service.settings.max_upload_bytes
    assert told["version"]


def test_movements_are_listed_for_menus(ann):
    items = {one["name"]: one for one in ann.get("/v1/movements").json()["items"]}
    assert {"hinge", "plank", "slump", "squat"} <= items.keys()
    assert items["hinge"]["title"].startswith("Hip hinge")
    assert "sumo" in items["hinge"]["variants"]
