"""What takes too long for the quick suite: thousands of broken payloads, a hundred kills, hundreds of alerts.

    make torture

Each part says its figures; they stand in docs/reliability.md.
"""
