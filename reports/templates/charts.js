// Draws each chart from the JSON block that names it. `ast` makes Vega interpret its expressions instead of compiling
// them, so that the page's policy need not allow eval.
for (const block of document.querySelectorAll("script[data-chart]")) {
  const target = document.getElementById(block.dataset.chart);
  vegaEmbed(target, JSON.parse(block.textContent), { actions: false, renderer: "svg", ast: true }).catch((error) => {
    target.textContent = "This chart could not be drawn; its data are in the CSV file.";
    console.error(error);
  });
}
