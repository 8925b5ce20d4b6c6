"""What is live, how good it is, and what it was made of."""

from recsys.dashboard import bootstrap, explorer, inventory, report

source = bootstrap.begin("Model report")

part = report.choose_part()
if part == "quality":
    report.draw(source.manifest.evaluation)
elif part == "data":
    explorer.draw(source)
else:
    inventory.draw(source.manifest)

bootstrap.end(source)
