// The smallest scenario: the workbench comes up with our entry in its status bar.
export default async function (workbench) {
  await workbench.status().waitFor();
  await workbench.picture('look');
  return { status: await workbench.status().innerText() };
}
