/** What is used of pdfmake. Its published types ask for those of a browser, which this package must not see. */
declare module "pdfmake" {
  type Margin = readonly [left: number, top: number, right: number, bottom: number];
  interface Style {
    readonly style?: string;
    readonly fontSize?: number;
    readonly bold?: boolean;
    readonly color?: string;
    readonly alignment?: "left" | "right";
    readonly margin?: Margin;
    readonly noWrap?: boolean;
    readonly width?: number | "*" | "auto";
    readonly unbreakable?: boolean;
    readonly colSpan?: number;
    readonly columnGap?: number;
  }
  interface TableLayout {
    readonly hLineWidth?: (index: number) => number;
    readonly vLineWidth?: (index: number) => number;
    readonly hLineColor?: (index: number) => string;
    readonly paddingLeft?: (column: number) => number;
    readonly paddingRight?: (column: number) => number;
    readonly paddingTop?: (row: number) => number;
    readonly paddingBottom?: (row: number) => number;
  }
  export type Content =
    | string
    | readonly Content[]
    | (Style & { readonly text: string })
    | (Style & { readonly stack: readonly Content[] })
    | (Style & { readonly columns: readonly Content[] })
    | (Style & {
        readonly layout: "noBorders" | TableLayout;
        readonly table: {
          readonly headerRows?: number;
          readonly dontBreakRows?: boolean;
          readonly widths?: readonly (number | "*" | "auto")[];
          readonly body: readonly (readonly TableCell[])[];
        };
      });
  export type TableCell = Content;
  interface Definition {
    readonly info: {
      readonly title: string;
      readonly author: string;
      readonly creationDate: Date;
    };
    readonly pageSize: "A4";
    readonly pageMargins: Margin;
    readonly defaultStyle: Style & { readonly font: string; readonly lineHeight: number };
    readonly styles: Readonly<Record<string, Style>>;
    readonly watermark?: {
      readonly text: string;
      readonly color: string;
      readonly opacity: number;
    };
    readonly content: Content;
    readonly footer: (page: number, pages: number) => Content;
  }
  const pdfmake: {
    readonly setUrlAccessPolicy: (isAllowed: (url: string) => boolean) => void;
    readonly setLocalAccessPolicy: (isAllowed: (path: string) => boolean) => void;
    readonly setFonts: (
      fonts: Readonly<
        Record<string, Readonly<Record<"normal" | "bold" | "italics" | "bolditalics", string>>>
      >,
    ) => void;
    readonly createPdf: (definition: Definition) => { readonly getBuffer: () => Promise<Buffer> };
  };
  export default pdfmake;
}
